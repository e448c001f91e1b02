import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { draftFile, placesIn } from "./launch/note.ts";
import { readScreen } from "./screen/screen.ts";
import { statusPath } from "./status.ts";
import { iso, Stage } from "./testing/stage.ts";

const screen = (name: string) =>
  readFileSync(join(import.meta.dirname, "fixtures", "claude-code-2.1.332", "screens", `${name}.txt`), "utf8").split(
    "\n",
  );
const PERMISSION = screen("permission-bash");
const CHOICES = readScreen({ rows: PERMISSION, styledRows: null }).dialog?.choices.map(({ label }) => label);

const user = (text: string) => ({ type: "user", message: { role: "user", content: text } });
const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2, cache_creation_input_tokens: 1 };
const answer = (id: string, block: unknown) => ({
  type: "assistant",
  message: { id, model: "m", content: [block], usage, stop_reason: "end_turn" },
});

const dialogsOf = (stage: Stage) =>
  stage.kinds("activity").flatMap((fact) => (fact.kind === "activity" ? (fact.activity.dialog ?? []) : []));
const untilAsked = (stage: Stage) =>
  waitFor(() => dialogsOf(stage).find(({ id, choices }) => id.startsWith("ask-") && choices.length > 0));

test("a whole turn is reported: accepted, working, idle, with its usage", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.status("idle");
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.status("busy");
  await stage.until("active");
  stage.line(user("Fix issue 42."));
  stage.line(answer("m1", { type: "text", text: "done" }));
  stage.line(answer("m1", { type: "tool_use", id: "t", name: "Bash", input: { command: "git commit -qm x" } }));
  stage.line({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: "t" }] } });
  stage.hook("StatusLine", { cost: { total_cost_usd: 0.25 } });
  stage.hook("Stop", { background_tasks: [{ type: "shell", description: "a dev server" }] });
  stage.status("idle");
  await stage.until("ready");
  await waitFor(() => JSON.stringify(stage.kinds("activity").at(-1)).includes("left running: a dev server"));
  await waitFor(() => stage.kinds("repository-changed").length === 1);
  await waitFor(() => stage.kinds("turn-ended").length === 1);
  expect(stage.kinds("accepted")).toMatchObject([{ text: "Fix issue 42." }]);
  const models = [{ model: "m", tokens: { input: 10, output: 5, cacheRead: 2, cacheWrite: 1 }, usd: 0.25 }];
  await waitFor(() => JSON.stringify(stage.kinds("usage").at(-1))?.includes("0.25"));
  expect(stage.kinds("usage").at(-1)).toMatchObject({ usage: { key: stage.id, models } });
  expect(stage.kinds("info").at(-1)).toMatchObject({ info: { agentSessionId: stage.id } });
});

test("a request is answered through its own hook, exactly once", async () => {
  const stage = await Stage.open();
  stage.rows = PERMISSION;
  await stage.observe();
  stage.status("busy");
  const tool = { tool_name: "Bash", tool_input: { command: "npm publish" }, permission_suggestions: [] };
  const hook = stage.hook("PermissionRequest", tool);
  stage.status("waiting", "permission prompt");
  const dialog = await untilAsked(stage);
  expect(dialog).toMatchObject({ kind: "permission", text: "Bash: npm publish", choices: CHOICES });
  const said = once(hook.stdout ?? hook, "data") as Promise<[Buffer]>;
  const how = { terminal: stage.terminal, dialog, number: 1, isAlways: false };
  await stage.agent.answer?.(stage.session, "Yes", how);
  expect(JSON.parse(String((await said)[0])).hookSpecificOutput).toMatchObject({ decision: { behavior: "allow" } });
  await expect(stage.agent.answer?.(stage.session, "Yes", how)).rejects.toMatchObject({ code: "REFUSED" });
  stage.status("busy");
  await stage.until("active");
  expect(stage.keys).toEqual([]);
});

test("a permission that is drawn late first has no choices and then its own, and a failed look removes none of them", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  stage.status("waiting", "permission prompt");
  await waitFor(() => dialogsOf(stage).length > 0);
  expect(dialogsOf(stage)).toMatchObject([{ choices: [], takesText: false, onlyInTerminal: /cannot be read/ }]);
  stage.rows = PERMISSION;
  await waitFor(() => dialogsOf(stage).length > 1);
  expect(dialogsOf(stage).at(-1)).toMatchObject({ choices: CHOICES, takesText: true });
  stage.looks = 0;
  stage.rows = ["half of", "a frame"];
  stage.status("waiting", "permission prompt");
  await waitFor(() => stage.looks > 10);
  expect(dialogsOf(stage).at(-1)?.choices).toEqual(CHOICES);
});

test("if the runtime has no screen, a permission accepts yes and no", async () => {
  const stage = await Stage.open();
  stage.terminal = { ...stage.terminal, screen: async () => null };
  await stage.observe();
  stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  await waitFor(() => dialogsOf(stage).length > 0);
  expect(dialogsOf(stage)).toMatchObject([{ choices: ["Yes", "No"] }]);
});

test("a new instance of the plugin reaches the sessions that the previous one watches", async () => {
  const stage = await Stage.open();
  stage.rows = PERMISSION;
  await stage.observe();
  stage.status("busy");
  const hook = stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  stage.status("waiting", "permission prompt");
  const dialog = await untilAsked(stage);
  const anew = create();
  const said = once(hook.stdout ?? hook, "data") as Promise<[Buffer]>;
  const how = { terminal: stage.terminal, dialog, number: 1, isAlways: false };
  await anew.answer?.(stage.session, "Yes", how);
  expect(String((await said)[0])).toContain("allow");
});

test("a request that comes before the watch waits for it, and without one nothing is done", async () => {
  const stage = await Stage.open();
  const early = stage.agent.interrupt?.(stage.session, { terminal: stage.terminal });
  const observation = await stage.observe();
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  await early;
  expect(stage.keys).toEqual(["Escape"]);
  await observation?.stop();
  const call = { terminal: stage.terminal, signal: AbortSignal.timeout(200) };
  await expect(stage.agent.interrupt?.(stage.session, call)).rejects.toThrow();
  expect(stage.keys).toEqual(["Escape"]);
});

test.each([
  { what: "a choice of a question", number: 2, choice: "SQLite", answers: { "Which?": "SQLite" } },
  { what: "a text for a question", number: null, choice: "neither", answers: { "Which?": "neither" } },
])("$what", async ({ number, choice, answers }) => {
  const stage = await Stage.open();
  await stage.observe();
  const questions = [{ question: "Which?", options: [{ label: "Postgres" }, { label: "SQLite" }] }];
  const hook = stage.hook("PermissionRequest", { tool_name: "AskUserQuestion", tool_input: { questions } });
  stage.status("waiting", "input needed");
  const { dialog } = (await stage.until("waiting_input")) ?? {};
  expect(dialog).toMatchObject({ kind: "question", text: "Which?", choices: ["Postgres", "SQLite"], takesText: true });
  const said = once(hook.stdout ?? hook, "data") as Promise<[Buffer]>;
  const how = { terminal: stage.terminal, dialog: dialog as NonNullable<typeof dialog>, number, isAlways: false };
  await stage.agent.answer?.(stage.session, choice, how);
  expect(JSON.parse(String((await said)[0])).hookSpecificOutput.decision.updatedInput.answers).toEqual(answers);
});

const enqueue = (stage: Stage, id: string, text: string) => {
  draftFile(stage.session.sessionDir).write({ id, text });
  stage.line({ type: "queue-operation", operation: "enqueue", content: text });
  return waitFor(() => JSON.stringify(stage.kinds("accepted")).includes(`"${id}"`));
};
const took = (prompt: string) => ({ type: "attachment", attachment: { type: "queued_command", prompt } });
const lostOf = (stage: Stage) =>
  stage.kinds("lost").map((fact) => (fact as Extract<typeof fact, { kind: "lost" }>).messageId);

test("messages in the queue of a program that ends are reported as lost, but not those it had taken", async () => {
  const stage = await Stage.open();
  stage.line(user("begin"));
  const observation = await stage.observe();
  await enqueue(stage, "m1", "first");
  await enqueue(stage, "m2", "second");
  await enqueue(stage, "m3", "third");
  stage.line(took("first"));
  await stage.end();
  stage.line(took("third")); // Written just before, and not read yet.
  await observation?.stop();
  expect(lostOf(stage)).toEqual(["m2"]);
});

test("a message that only its hook confirmed is lost when the program ends, unless its turn ended", async () => {
  const stage = await Stage.open();
  stage.line(user("begin"));
  const observation = await stage.observe();
  for (const id of ["m1", "m2"]) {
    draftFile(stage.session.sessionDir).write({ id, text: `words of ${id}` });
    stage.hook("UserPromptSubmit", { prompt: `words of ${id}` });
    await waitFor(() => JSON.stringify(stage.kinds("accepted")).includes(id));
    if (id === "m2") continue;
    stage.line({ type: "system", subtype: "turn_duration" });
    await waitFor(() => !readFileSync(placesIn(stage.session.sessionDir).tail, "utf8").includes("words of m1"));
  }
  await stage.end();
  await observation?.stop();
  expect(lostOf(stage)).toEqual(["m2"]);
});

test("the next launch reports a queue whose end nobody saw as lost, and a daemon that ends loses none", async () => {
  const stage = await Stage.open();
  stage.line(user("begin"));
  const first = await stage.observe();
  await enqueue(stage, "m1", "first");
  await first?.stop();
  const again = await stage.observe();
  await again?.stop();
  expect(lostOf(stage)).toEqual([]);
  await stage.observe({ ...stage.session, launch: stage.session.launch + 1 });
  expect(lostOf(stage)).toEqual(["m1"]);
});

test("large usage in the middle of a turn is reported soon", async () => {
  const stage = await Stage.open();
  stage.line(user("begin"));
  stage.line(answer("m1", { type: "text", text: "a" }));
  await stage.observe();
  stage.status("busy");
  await stage.until("active");
  await waitFor(() => stage.kinds("usage").length > 0);
  const large = answer("m2", { type: "text", text: "b" });
  stage.line({ ...large, message: { ...large.message, usage: { ...usage, input_tokens: 5_000 } } });
  await waitFor(() => JSON.stringify(stage.kinds("usage").at(-1)).includes('"input":5010'), { timeoutMs: 2_500 });
});

test("retrying after an error is reported until there is an answer", async () => {
  const stage = await Stage.open();
  stage.line(user("begin"));
  const observation = await stage.observe();
  stage.status("busy");
  await stage.until("active");
  stage.rows = ["✻ API error · retrying in 9s · attempt 2/10", "", ...stage.rows];
  const evidence = () =>
    stage
      .kinds("activity")
      .map((fact) => JSON.stringify(fact))
      .at(-1);
  await waitFor(() => {
    observation?.hint({ kind: "output", at: iso() });
    return evidence()?.includes("retries after an API error");
  });
  stage.line(answer("m1", { type: "text", text: "a" }));
  stage.line(user("on"));
  await waitFor(() => evidence()?.includes("tries again") === false);
});

test("a dialog answered in the terminal releases its hook and leaves nothing behind", async () => {
  const stage = await Stage.open();
  await stage.observe();
  const hook = stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  stage.status("waiting", "permission prompt");
  await stage.until("waiting_input");
  const ended = once(hook, "exit");
  stage.status("busy");
  await ended;
  await stage.until("active");
  expect(readdirSync(placesIn(stage.session.sessionDir).asks)).toEqual([]);
});

test("a restarted daemon finds the open dialog, and reads no transcript twice", async () => {
  const stage = await Stage.open();
  const first = await stage.observe();
  stage.line(user("Fix issue 42."));
  stage.line(answer("m1", { type: "text", text: "a" }));
  stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  stage.status("waiting", "permission prompt");
  const before = (await stage.until("waiting_input"))?.dialog?.id;
  await waitFor(() => stage.kinds("accepted").length === 1);
  await first?.stop();
  stage.facts.length = 0;
  await stage.observe();
  expect((await stage.until("waiting_input"))?.dialog?.id).toBe(before);
  stage.line(answer("m2", { type: "text", text: "b" }));
  await waitFor(() => JSON.stringify(stage.kinds("usage")).includes('"output":10'));
  expect(stage.kinds("accepted")).toEqual([]);
});

test("hooks of another conversation are ignored, but not those of a new conversation of the same program", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.hook("Stop");
  stage.status("idle");
  await stage.until("ready");
  stage.hook("UserPromptSubmit", { session_id: "99999999-2222-4333-8444-555555555599", prompt: "not ours" });
  stage.hook("SessionStart", { session_id: "99999999-2222-4333-8444-555555555599", source: "clear" });
  await waitFor(() => JSON.stringify(stage.kinds("info").at(-1)).includes("99999999"));
  expect(stage.kinds("accepted")).toMatchObject([{ text: "Fix issue 42." }]);
});

test("a status file that another process left is ignored", async () => {
  const stage = await Stage.open();
  stage.status("busy");
  const path = statusPath(stage.configDir, stage.session.runtimeHandle?.data.pid as number);
  writeFileSync(path, readFileSync(path, "utf8").replace(/"procStart":"\d+"/, '"procStart":"1"'));
  stage.hook("UserPromptSubmit", { prompt: "x" });
  stage.hook("Stop");
  await stage.observe();
  expect((await stage.until("ready"))?.source).toBe("hook");
});

test("before it takes its prompt it counts as working, and a question at the start is reported", async () => {
  const stage = await Stage.open();
  stage.rows = screen("trust");
  const observation = await stage.observe();
  observation?.hint({ kind: "output", at: iso() });
  const { dialog } = (await stage.until("waiting_input")) ?? {};
  expect(dialog).toMatchObject({ kind: "notice", choices: ["No, exit", "Yes, I trust this folder"] });
});
