import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { PATIENCE_MS } from "./support/agent-box.ts";
import { seedOpenCode } from "./support/kinds/opencode.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

/** Nothing listens there, so the call fails once it is allowed. */
const FETCH = `%%tool webfetch {"url":"http://127.0.0.1:9/","format":"text"}`;

scenario({
  name: "a fetch that the user's own rules ask about is answered after a daemon died, permanently, and after a restore as well",
  needs: "permission",
  kinds: kinds
    .filter(({ plugin }) => plugin === "opencode")
    .map((kind) => ({ ...kind, seed: (stage) => seedOpenCode(stage, { permission: { webfetch: "ask" } }) })),
  options: { scripts: [`${FETCH} ;; %%say went on`] },
  async play(box) {
    await box.spawn(1);
    await box.get("wait", { session: "app-1", until: ["needs_input"], timeoutMs: PATIENCE_MS });
    box.mark("app-1", "unknown", "a question that the model's side cannot see");
    await box.kill9();
    await box.start();
    await box.until("app-1", ({ question }) => question?.choices.length === 3, "the question, after the restart");
    expect((await box.view("app-1")).question?.text).toContain("webfetch http://127.0.0.1:9/");
    expect((await box.ao("answer", "app-1", "sure")).status).not.toBe(0);
    expect((await box.view("app-1")).question?.choices).toHaveLength(3);
    const said = await box.ao("answer", "app-1", "--always", "1");
    expect(said, said.stderr).toMatchObject({ status: 0 });
    await box.untilResting("app-1");
    expect(box.model.truth.saying("mark of app-1")[0]?.results.join()).not.toContain("rejected");
    box.mark("app-1", "unknown", "killed and restored");
    process.kill((await box.view("app-1")).pid ?? 0, "SIGKILL");
    await box.until("app-1", ({ activity, status }) => activity?.state === "exited" || status === "errored", "its end");
    expect(await box.ao("restore", "app-1")).toMatchObject({ status: 0 });
    await box.say("app-1", `once more ${FETCH} ;; %%say fetched`);
    await box.untilHeard("once more");
    await box.untilResting("app-1");
    expect(box.screen("app-1")).toContain("fetched");
  },
});

scenario({
  name: "a model that OpenCode does not know is a failure at once, and nothing that no model saw is told as done",
  needs: "errors",
  kinds: kinds.filter(({ plugin }) => plugin === "opencode"),
  options: { scripts: ["%%say never said"], agentConfig: { model: "scripted/no-such-model" } },
  async play(box) {
    await box.spawn(1);
    await box.until("app-1", ({ status }) => status === "needs_input", "needs you");
    const { activity } = await box.view("app-1");
    expect(activity?.failure).toMatchObject({ kind: "model", text: expect.not.stringContaining(" at ") });
    // `ao send` says that nobody confirmed it.
    await expect(box.say("app-1", "are you there? %%say yes")).rejects.toThrow("UNCONFIRMED");
    await box.until("app-1", ({ status }) => status === "needs_input", "needs you");
    const [message] = (await box.view("app-1")).messages;
    expect(message?.state).toBe("unconfirmed");
    expect(message?.failure).toContain("before a model saw it: Model not found");
    expect(box.model.truth.timesHeard("are you there?")).toBe(0);
    const calls = () => box.notices().filter(({ message: text }) => text.includes("needs you: its turn failed"));
    await waitFor(() => calls().length > 0, { timeoutMs: 20_000, what: "the notice" });
  },
});
