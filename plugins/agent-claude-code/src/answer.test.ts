import { once } from "node:events";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { Stage } from "./testing/stage.ts";

const RULE = { type: "addRules", rules: [{ toolName: "Bash", ruleContent: "ls" }], behavior: "allow" };

const dialogNow = (stage: Stage): Dialog | undefined =>
  (stage.kinds("activity").at(-1) as { activity: Activity } | undefined)?.activity.dialog;

test("a background subagent's question, which is not drawn anywhere, can still be answered", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.status("busy");
  const asked = { tool_name: "Bash", tool_input: { command: "sh x.sh" }, agent_id: "a1" };
  const hook = stage.hook("PermissionRequest", asked);
  await stage.until("waiting_input");
  stage.status("idle");
  await waitFor(() => dialogNow(stage)?.choices.length === 2, { timeoutMs: 10_000, what: "its choices" });
  const dialog = dialogNow(stage) as Dialog;
  expect(dialog).toMatchObject({ text: "Bash: sh x.sh", choices: ["Yes", "No"] });
  const said = once(hook.stdout ?? hook, "data") as Promise<[Buffer]>;
  await stage.agent.answer?.(stage.session, "Yes", { terminal: stage.terminal, dialog, number: 1, isAlways: false });
  expect(JSON.parse(String((await said)[0])).hookSpecificOutput.decision).toEqual({ behavior: "allow" });
});

test.each([
  ["No", 2],
  ["no, use tabs", null],
])("%s is never taken for a permanent yes", async (choice, number) => {
  const stage = await Stage.open();
  await stage.observe();
  const asked = { tool_name: "Bash", tool_input: { command: "ls" }, permission_suggestions: [RULE] };
  stage.hook("PermissionRequest", asked);
  stage.status("waiting", "permission prompt");
  const dialog = { ...((await stage.until("waiting_input"))?.dialog as Dialog), choices: ["Yes", "No"] };
  const how = { terminal: stage.terminal, dialog, number, isAlways: true };
  await expect(stage.agent.answer?.(stage.session, choice, how)).rejects.toMatchObject({
    code: "REFUSED",
    message: "only a yes can be permanent",
  });
});
