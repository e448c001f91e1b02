import type { TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import type { AgentBox } from "./agent-box.ts";
import { kinds as allKinds } from "./kinds.ts";
import { scenario } from "./scenario.ts";

export interface Failing {
  name: string;
  /** In the language of the scripted model. It lasts until the model recovers. */
  script: string;
  kinds: TurnFailureKind[];
  /** Appears in the agent's own words about the failure. */
  words: RegExp;
  /** The only plugin that this happens to. */
  only?: string;
}

export const status = (code: number, kinds: TurnFailureKind[], words = new RegExp(`scripted ${code}`)): Failing => ({
  name: String(code),
  script: `%%error ${code} 1000`,
  kinds,
  words,
});

const calls = (box: AgentBox) => box.notices().filter(({ message }) => /needs you: it|asks:/.test(message));

/** A turn that fails in this way, with each agent. */
export function failingTurn({ name, script, kinds, words, only }: Failing): void {
  scenario({
    name: `a turn that fails with ${name} needs the user, notifies once, and continues with the next message`,
    needs: "errors",
    kinds: allKinds.filter(({ plugin }) => only === undefined || plugin === only),
    options: { scripts: [`${script} ;; %%say never said`], retries: 1 },
    async play(box) {
      await box.spawn(1);
      await box.untilHeard("mark of app-1");
      await box.until("app-1", ({ status: shown }) => shown === "needs_input", "needs you");
      box.mark("app-1", "failed", name);
      const { activity, attention, question } = await box.view("app-1");
      expect(activity?.failure?.text).toMatch(words);
      expect(kinds).toContain(activity?.failure?.kind);
      expect(question).toBe(null);
      expect(attention).toMatchObject({ level: "urgent", reason: expect.stringContaining("fail") });
      await waitFor(() => calls(box).length > 0, { timeoutMs: 20_000, what: "the notice" });
      box.model.recover();
      box.mark("app-1", "unknown", "the model has recovered");
      expect(await box.say("app-1", "try again: %%say now it works")).toMatchObject({ state: "accepted" });
      await box.untilHeard("try again:");
      await box.untilResting("app-1");
      const after = await box.view("app-1");
      expect([after.status, after.activity?.failure, after.attention]).toEqual(["working", undefined, null]);
      expect(calls(box)).toHaveLength(1);
    },
  });
}
