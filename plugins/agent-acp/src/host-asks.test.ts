import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bench, buildPrograms, NO_TERMINAL } from "./testing/bench.ts";

let programs: { dir: string; remove(): void };
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(() => programs.remove());
const answered = (set: ReturnType<typeof bench>) =>
  set.asked().flatMap((each) => (each.answered ? [each.answered] : []));

test("asks the user about what the permissions do not allow, and accepts an answer only to that question", async () => {
  const set = bench(programs.dir, { allow: ["npm test"] });
  await set.watch();
  await set.launch({
    prompt: "run npm test -- -t x\nrun git commit -m 'a; b' && git status\nrun git status && rm -rf /",
  });
  const { dialog, question } = await set.until("waiting_input");
  expect(answered(set)).toEqual(["yes", "yes"]);
  expect(question).toBe("May it run this? git status && rm -rf /");
  expect(dialog).toMatchObject({
    kind: "permission",
    choices: ["Allow once", "Always allow", "Reject"],
    canAlways: true,
  });
  if (dialog === undefined) throw new Error("no dialog");
  const answer = (number: number | null, more = {}) =>
    set.agent.answer?.(set.session, "x", { dialog, number, isAlways: false, terminal: NO_TERMINAL, ...more });
  await expect(answer(1, { dialog: { ...dialog, id: "older" } })).rejects.toMatchObject({ code: "REFUSED" });
  await expect(answer(null)).rejects.toMatchObject({ code: "REFUSED" });
  await expect(answer(4)).rejects.toMatchObject({ code: "REFUSED" });
  expect(await set.send("say hello", "m1")).toEqual({ outcome: "deferred", because: "asking" });
  await answer(3);
  await set.until("ready");
  expect(await set.send("say hello", "m1")).toEqual({ outcome: "written" });
  expect(answered(set)).toEqual(["yes", "yes", "no"]);
  await expect(answer(1)).rejects.toMatchObject({ code: "REFUSED" });
});

test("a permanent answer takes the agent's own permanent choice", async () => {
  const set = bench(programs.dir, { permissions: "default" });
  await set.watch();
  await set.launch({ prompt: "run ls" });
  const { dialog } = await set.until("waiting_input");
  if (dialog === undefined) throw new Error("no dialog");
  await set.agent.answer?.(set.session, "Allow once", { dialog, number: 1, isAlways: true, terminal: NO_TERMINAL });
  await set.until("ready");
  expect(answered(set)).toEqual(["ever"]);
});

test.each([
  ["default", "edit a.txt", null],
  ["edits", "edit a.txt", "yes"],
  ["edits", "edit ../outside.txt", null],
  ["edits", "edit .git/hooks/pre-commit", null],
  ["edits", "shy git status", null],
  ["auto", "run rm -rf x", "yes"],
  ["skip", "edit ../outside.txt", "yes"],
] as const)("permissions %s: %s → %s", async (permissions, prompt, expected) => {
  const set = bench(programs.dir, { permissions });
  await set.watch();
  await set.launch({ prompt });
  await set.until(expected === null ? "waiting_input" : "ready");
  expect(answered(set)).toEqual(expected === null ? [] : [expected]);
});

test("two simultaneous questions are asked one after the other", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch({ prompt: "both one|two" });
  const first = await set.until("waiting_input");
  expect(first.question).toContain("one");
  host.type("1\r");
  await waitFor(
    () => (set.state() === "waiting_input" && set.facts.at(-1)) !== null && host.text().includes("this? two"),
  );
  host.type("reject\r");
  await set.until("ready");
  expect(answered(set)).toEqual(["yes", "no"]);
});

test("an agent's question is answered with its choices or with text", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch({ prompt: "ask Which colour?|red|blue\nask Which name?" });
  expect((await set.until("waiting_input")).dialog).toMatchObject({ kind: "question", choices: ["red", "blue"] });
  host.type("2\r");
  await waitFor(() => host.text().includes("? Which name?"));
  const dialog = await waitFor(() => {
    const last = set.facts.findLast((fact) => fact.kind === "activity");
    return last?.activity.dialog?.takesText ? last.activity.dialog : null;
  });
  await set.agent.answer?.(set.session, "Ada", { dialog, number: null, isAlways: false, terminal: NO_TERMINAL });
  await set.until("ready");
  expect(set.asked().flatMap((each) => (each.elicited ? [each.elicited] : []))).toEqual([
    { action: "accept", content: { answer: "blue" } },
    { action: "accept", content: { answer: "Ada" } },
  ]);
});

test("the config decides the login, or the user is asked", async () => {
  const set = bench(programs.dir, {}, ["--login"]);
  await set.watch();
  const host = await set.launch();
  expect((await set.until("waiting_input")).dialog).toMatchObject({ kind: "notice", choices: ["With a key"] });
  host.type("1\r");
  await set.until("ready");
  const other = bench(programs.dir, { auth: "key" }, ["--login"]);
  await other.watch();
  await other.launch();
  await other.until("ready");
  expect(other.asked()).toContainEqual({ authenticate: "key" });
});
