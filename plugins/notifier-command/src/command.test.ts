import { readFileSync } from "node:fs";
import { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { isRunning, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { HOSTILE_WORDS, notifierContract, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { notifierOf, recorder, shellProgram } from "./testing/program.ts";

notifierContract("command, with a program that records", {
  reachable: async () => {
    const program = recorder();
    const parsed = () => program.documents().map((text) => JSON.parse(text) as { title: string; message: string });
    return {
      notifier: notifierOf({ command: program.file }),
      seen: () => parsed().map(({ title, message }) => ({ title, body: message })),
    };
  },
  unreachable: () => notifierOf({ command: "/nowhere/notify" }),
  stalled: () => notifierOf({ command: shellProgram("sleep 30").file }),
});

const QUESTION = {
  ...{ dialogId: "d1", kind: "permission", text: "Run the migration?", choices: ["Yes", "No, use a copy"] },
  ...{ takesText: false, canAlways: false, onlyInTerminal: null },
};

test("the event is on its standard input and in its environment, and its arguments are those of the config", async () => {
  const program = shellProgram(
    'cat > "$DIR/stdin"; env > "$DIR/env"; printf "%s\\n" "$#" "$@" > "$DIR/args"; pwd > "$DIR/cwd"',
  );
  const args = ["--title", "$AO_EVENT_TITLE; exit 1", "two words"];
  const notifier = notifierOf({ command: program.file, args }, { MINE: "kept", HOME: program.dir });
  const url = "https://github.com/a/b/pull/7";
  await notifier.notify(sampleEvent({ data: { question: QUESTION, pr: 7, url } }));
  expect(program.read("args")?.split("\n")).toEqual(["3", ...args, ""]);
  expect(program.read("cwd")?.trim()).toBe(program.dir);
  const document = NotificationDocument.parse(JSON.parse(program.read("stdin") ?? ""));
  expect(document).toMatchObject({ id: "abcdefghijklmnop", question: { choices: QUESTION.choices } });
  expect(program.read("stdin")).toMatch(/^\{.*\}\n$/);
  const env = program.read("env") ?? "";
  for (const line of [
    ...["MINE=kept", "AO_EVENT_ID=abcdefghijklmnop", "AO_EVENT_TIME=2026-01-01T00:00:00.000Z"],
    ...["AO_EVENT_TYPE=session.needs_input", "AO_EVENT_PRIORITY=urgent", "AO_EVENT_PROJECT=app"],
    ...["AO_EVENT_SESSION=app-1", "AO_EVENT_TITLE=app-1 asks a question", "AO_EVENT_MESSAGE=Which database?"],
    ...["AO_EVENT_QUESTION=Run the migration?", "AO_EVENT_CHOICES=Yes\nNo, use a copy", `AO_EVENT_URL=${url}`],
    "AO_EVENT_COMMAND=ao answer app-1",
  ]) {
    expect(`\n${env}`).toContain(`\n${line}\n`);
  }
});

test("a variable without a value is empty, not missing, and nothing else of the daemon's environment is there", async () => {
  const program = shellProgram(
    'set -u; echo "[$AO_EVENT_SESSION$AO_EVENT_URL$AO_EVENT_QUESTION]" > "$DIR/out"; env > "$DIR/env"',
  );
  const notifier = notifierOf({ command: program.file });
  await notifier.notify(sampleEvent({ sessionId: null }));
  expect(program.read("out")).toBe("[]\n");
  const names = (program.read("env") ?? "").split("\n").map((line) => line.split("=")[0] ?? "");
  const expected = /^(AO_EVENT_[A-Z]+|PATH|HOME|LANG|PWD|OLDPWD|SHLVL|_|)$/;
  expect(names.filter((name) => !expected.test(name))).toEqual([]);
});

test("a stranger's text is never run, whatever it contains", async () => {
  const program = shellProgram(
    'printf "%s" "$AO_EVENT_MESSAGE" > "$DIR/message"; printf "%s\\n" "$#" > "$DIR/count"; cat > "$DIR/stdin"',
  );
  const notifier = notifierOf({ command: program.file, args: ["fixed"] });
  const message = `${HOSTILE_WORDS} \0 ; touch ${program.dir}/never & \n rm`;
  await notifier.notify(sampleEvent({ message, sessionId: `$(touch ${program.dir}/never)`, projectId: "--help" }));
  expect([program.read("count"), program.read("never")]).toEqual(["1\n", null]);
  expect(program.read("message")).toContain("$(touch /tmp/never) `id`");
  expect(`${program.read("message")}${program.read("stdin")?.trimEnd()}`).not.toMatch(
    /[\u0000-\u001f\u007f-\u009f\u202e]/,
  );
});

test.each([
  [
    "the last line of its standard error",
    "echo out; echo first >&2; echo 'no such device' >&2; exit 3",
    "notify failed (exit 3): no such device",
  ],
  ["without one, only the status", "echo out; exit 4", "notify failed (exit 4)"],
  ["a signal", "kill -9 $$", "notify failed (ended by a signal)"],
  ["a last line with escapes", "printf 'a\\n\\033[31mred\\033[0m\\n\\n' >&2; exit 1", "notify failed (exit 1): red"],
])("a failure is told with %s, and without arguments", async (_what, lines, message) => {
  const notifier = notifierOf({ command: shellProgram(lines).file, args: ["--key", "secret"] });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    code: "FAILED",
    message,
    hint: expect.any(String),
  });
});

test("a program that does not read its input is no failure, however large the event is", async () => {
  const data = { words: "x".repeat(60_000) };
  await notifierOf({ command: shellProgram("exit 0").file }).notify(sampleEvent({ data }));
  const closing = shellProgram("exec <&-; sleep 0.1; exit 0");
  await notifierOf({ command: closing.file }).notify(sampleEvent({ data }));
});

test("at its deadline it ends with everything it started, also what ignores TERM", async () => {
  const program = shellProgram(
    `(trap '' TERM; sh -c 'echo $$ > "$0/child"; trap "" TERM; while :; do sleep 0.1; done' "$DIR") &\necho $$ > "$DIR/self"\nwait`,
  );
  const notifier = notifierOf({ command: program.file, timeout: "1s" });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: "notify did not end within 1 s",
  });
  for (const name of ["self", "child"]) {
    const pid = Number(program.read(name));
    expect(pid).toBeGreaterThan(1);
    await waitFor(() => startIdOf(pid) === null, { what: `the end of its ${name}` });
  }
});

test("what it leaves behind when it succeeds lives on, as with any program", async () => {
  const program = shellProgram('sleep 5 >/dev/null 2>&1 & echo $! > "$DIR/child"');
  await notifierOf({ command: program.file }).notify(sampleEvent());
  const pid = Number(program.read("child"));
  const startId = startIdOf(pid);
  expect(startId !== null && isRunning({ pid, startId })).toBe(true);
  process.kill(pid);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["no program", {}, /command: is missing/],
  ["a path that depends on where the daemon runs", { command: "./notify" }, /command: must be the name of a program/],
  ["a line for a shell", { command: "notify", args: "a b" }, /args: must be a list/],
  ["a NUL character", { command: "notify", args: ["a\0b"] }, /args\.0: must not contain a NUL/],
  ["no time", { command: "notify", timeout: "0s" }, /timeout: must be more than 0/],
  ["too much time", { command: "notify", timeout: "2m" }, /timeout: must be more than 0 and at most/],
  ["an unknown key", { command: "notify", shell: true }, /shell: is unknown/],
])("%s is a config error", (_what, options, words) => {
  expect(() => create(options)).toThrow(
    expect.objectContaining({ code: "CONFIG", message: expect.stringMatching(words) }),
  );
});

test("doctor hears whether the program can be started", async () => {
  const { file } = shellProgram("exit 0");
  expect(await notifierOf({ command: file }).check?.()).toEqual({ ok: true, text: `notifications through ${file}` });
  expect(await notifierOf({ command: "sh" }).check?.()).toMatchObject({ ok: true });
  const missing = await notifierOf({ command: "no-such-program" }).check?.();
  expect(missing).toMatchObject({ ok: false, hint: expect.any(String) });
  expect(readFileSync(file, "utf8")).toContain("exit 0");
});
