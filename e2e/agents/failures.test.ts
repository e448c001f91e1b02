import type { TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import type { AgentBox } from "./support/agent-box.ts";
import { kinds as allKinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

interface Failing {
  name: string;
  /** In the language of the scripted model. It lasts until the model recovers. */
  script: string;
  kinds: TurnFailureKind[];
  /** Appears in the agent's own words about the failure. */
  words: RegExp;
  /** The only plugin that this happens to. */
  only?: string;
}

const status = (code: number, kinds: TurnFailureKind[], words = new RegExp(`scripted ${code}`)): Failing => ({
  name: String(code),
  script: `%%error ${code} 1000`,
  kinds,
  words,
});

const FAILURES: Failing[] = [
  status(400, ["request"]),
  status(401, ["login"], /401|api key|log ?in/i),
  status(402, ["credit"]),
  status(403, ["access"], /403|refused|permission/i),
  status(404, ["model"], /model/i),
  status(413, ["size"], /413|too (?:large|long|big)/i),
  status(429, ["busy"], /429|limit/i),
  status(500, ["service"], /500|server|demand/i),
  { name: "a spent quota", script: "%%limit 3600", kinds: ["credit"], words: /quota/, only: "aider" },
  { name: "a stream that is cut", script: "%%cut 1000", kinds: ["connection", "service"], words: /./ },
  { name: "a connection that is dropped", script: "%%drop 1000", kinds: ["connection", "service"], words: /./ },
];

const calls = (box: AgentBox) => box.notices().filter(({ message }) => /needs you: it|asks:/.test(message));

for (const { name, script, kinds, words, only } of FAILURES)
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

scenario({
  name: "a suggestion in the empty box after a failure is not a draft, however narrow the terminal",
  needs: "draft",
  kinds: allKinds.filter(({ plugin }) => plugin === "claude-code"),
  options: { scripts: ["%%error 500 1000 ;; %%say never said"], retries: 1 },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.until("app-1", ({ status: shown }) => shown === "needs_input", "needs you");
    box.mark("app-1", "failed", "500");
    box.narrow("app-1", 24);
    // Versions without suggestions draw an empty box.
    await waitFor(() => /^❯/m.test(box.screen("app-1")), { timeoutMs: 20_000, what: "its box" });
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // It suggests a moment after the failure.
    box.model.recover();
    box.mark("app-1", "unknown", "the model has recovered");
    expect(await box.say("app-1", "again: %%say now it works")).toMatchObject({ state: "accepted" });
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("again:")).toBe(1);
  },
});
