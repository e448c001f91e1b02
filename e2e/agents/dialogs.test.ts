import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

const GATED = "%%gated sh asked.sh ;; %%sh git add -A && git commit -qm asked ;; %%say went on";

async function untilAsked(box: AgentBox, session: string): Promise<string[]> {
  await box.get("wait", { session, until: ["needs_input"], timeoutMs: PATIENCE_MS });
  await box.until(session, ({ question }) => (question?.choices.length ?? 0) > 0, "a question with choices");
  return (await box.view(session)).question?.choices ?? [];
}

async function answer(box: AgentBox, session: string, ...words: string[]): Promise<void> {
  box.mark(session, "unknown", "being answered");
  const said = await box.ao("answer", session, ...words);
  expect(said, said.stderr).toMatchObject({ status: 0 });
}

scenario({
  name: "the user is notified of a permission, answers it from outside, and the work continues",
  needs: "permission",
  options: { scripts: [GATED] },
  async play(box) {
    await box.spawn(1);
    const choices = await untilAsked(box, "app-1");
    expect(choices.length).toBeGreaterThanOrEqual(2);
    const { question } = await box.view("app-1");
    expect(question?.text).toContain("asked.sh");
    await waitFor(() => box.notices().find(({ message }) => message.includes("asked.sh")), {
      what: "the notification",
    });
    expect(existsSync(join((await box.view("app-1")).workspacePath ?? "", "asked.txt"))).toBe(false);
    await answer(box, "app-1", "1");
    await box.untilResting("app-1");
    expect(box.repo.git("show", "feat/1:asked.txt")).toBe("asked\n");
    expect(await box.ao("answer", "app-1", "1")).toMatchObject({ status: expect.any(Number) });
    expect((await box.ao("answer", "app-1", "1")).status).not.toBe(0);
  },
});

scenario({
  name: "a permission that is refused runs nothing",
  needs: "permission",
  options: { scripts: [GATED] },
  async play(box) {
    await box.spawn(1);
    const choices = await untilAsked(box, "app-1");
    const no = choices.findLastIndex((choice) => /^(no|reject|deny|cancel)/i.test(choice)) + 1;
    expect(no, choices.join()).toBeGreaterThan(0);
    await answer(box, "app-1", String(no));
    box.mark("app-1", "idle", "refused");
    await box.untilResting("app-1");
    expect(existsSync(join((await box.view("app-1")).workspacePath ?? "", "asked.txt"))).toBe(false);
  },
});

scenario({
  name: "a message is held while a dialog is open, does not answer it, and arrives afterwards",
  needs: "permission",
  options: { scripts: [GATED] },
  async play(box) {
    await box.spawn(1);
    await untilAsked(box, "app-1");
    const text = "please yes 1 proceed %%say heard you";
    await box.get("send", { session: "app-1", text, isWaiting: false });
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // enough time for a message to do harm
    const view = await box.view("app-1");
    expect(view.activity?.state).toBe("waiting_input");
    expect(view.messages.at(-1)).toMatchObject({ state: "held", heldFor: "asking" });
    expect(existsSync(join(view.workspacePath ?? "", "asked.txt"))).toBe(false);
    expect(box.model.truth.timesHeard("please yes 1 proceed")).toBe(0);
    await answer(box, "app-1", "1");
    await box.untilHeard("please yes 1 proceed");
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("please yes 1 proceed")).toBe(1);
  },
});

scenario({
  name: "a question is answered with its second choice",
  needs: "question",
  options: { scripts: ["%%ask Which colour should it be?|red|blue ;; %%say thank you"] },
  async play(box) {
    await box.spawn(1);
    const choices = await untilAsked(box, "app-1");
    expect(choices.slice(0, 2).map((choice) => choice.split(/\s/)[0])).toEqual(["red", "blue"]);
    expect((await box.view("app-1")).question?.text).toContain("Which colour should it be?");
    await answer(box, "app-1", "2");
    await box.untilResting("app-1");
    const [conversation] = box.model.truth.saying("Which colour");
    expect(conversation?.results.join()).toContain("blue");
    expect(conversation?.results.join()).not.toContain('"red"');
  },
});

scenario({
  name: "after a restart of the daemon, a permission has the same choices as before",
  needs: "permission",
  // In between, Aider asks about files, which the plugin answers automatically.
  kinds: kinds.filter(({ plugin }) => plugin !== "aider"),
  options: { scripts: ["%%write changed.txt|hi ;; %%gated sh asked.sh ;; %%say once"] },
  async play(box) {
    await box.spawn(1);
    const before = await untilAsked(box, "app-1");
    expect(before.join()).not.toMatch(/│| {3}/); // a panel next to the dialog
    await answer(box, "app-1", "1");
    await box.untilResting("app-1");
    await box.kill9();
    await box.start();
    await box.say("app-1", "Once more: %%gated sh asked.sh ;; %%say twice");
    expect(await untilAsked(box, "app-1")).toEqual(before);
    await answer(box, "app-1", "1");
    await box.untilResting("app-1");
  },
});

scenario({
  name: "a background subagent's question is reported, and answered from outside",
  needs: "permission",
  kinds: kinds.filter(({ plugin }) => plugin === "claude-code"),
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    const prompt = "a subagent's own task\n%%gated sh asked.sh\n%%say the subagent is done";
    const agent = { description: "look", prompt, subagent_type: "general-purpose", run_in_background: true };
    await box.say("app-1", `%%tool Agent ${JSON.stringify(agent)} ;; %%say begun`);
    const isAsked = ({ question }: SessionView) => {
      box.mark("app-1", "unknown", "its subagent asks, which the model server cannot see");
      return question?.choices.length === 2;
    };
    await box.until("app-1", isAsked, "the choices");
    expect((await box.view("app-1")).question?.text).toContain("sh asked.sh");
    expect(await box.ao("answer", "app-1", "yes")).toMatchObject({ status: 0 });
    const asked = join((await box.view("app-1")).workspacePath ?? "", "asked.txt");
    box.mark("app-1", "unknown", "its subagent continues");
    await waitFor(() => existsSync(asked), { timeoutMs: 30_000, what: "what was allowed" });
    await box.untilResting("app-1");
  },
});
