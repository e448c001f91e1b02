import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Key } from "@agent-orchestrator/core/slots/screen";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { interrupt } from "./interrupt.ts";
import { screenOf } from "./testing/replay.ts";
import { type Stage, stage } from "./testing/stage.ts";

const permission = { id: "per_1", sessionID: "ses_1", permission: "bash" };
const question = { id: "que_1", sessionID: "ses_1", questions: [{ question: "Which?", options: [] }] };

const busy = async (): Promise<Stage> => {
  const on = await stage({ conversation: "ses_1" });
  on.server.statuses = { ses_1: { type: "busy" } };
  return on;
};
const interrupted = ({ session, terminal }: Stage) => interrupt(session, { clock: systemClock, terminal });
const aborts = ({ server }: Stage) => server.said(/session\/ses_1\/abort/);

function promptFile(): string {
  const file = join(tempDir(), "prompt.md");
  writeFileSync(file, "do it");
  return file;
}

test("without its server an interrupt is pressed only if the screen shows something to interrupt", async () => {
  const on = await busy();
  await on.server.stop();
  const pressed: Key[] = [];
  const press = async (keys: Key[]) => void pressed.push(...keys);
  const options = { clock: systemClock, terminal: { ...on.terminal, press } };
  on.rows.push(...screenOf("at-rest"));
  const failed = interrupt(on.session, options);
  await expect(failed).rejects.toMatchObject({ code: "UNREACHABLE", hint: expect.stringContaining("ao kill") });
  expect(pressed).toEqual([]);
  on.rows.splice(0, Number.POSITIVE_INFINITY, ...screenOf("busy-queued"));
  await interrupt(on.session, options);
  expect(pressed).toEqual(["Escape", "Escape"]);
});

test("an interrupt ends the turn and rejects what it leaves open", async () => {
  const on = await busy();
  on.server.permissions.push(permission);
  on.server.questions.push(question);
  await interrupted(on);
  expect(aborts(on)).toHaveLength(1);
  expect(on.server.permissions).toEqual([]);
  expect(on.server.questions).toEqual([]);
});

test("an interrupt of a starting program waits for its server, sends its prompt and ends the resulting turn", async () => {
  const on = await stage({ promptFile: promptFile() });
  on.server.answers = false;
  const other = spawn("sleep", ["60"]);
  onTestFinished(() => void other.kill());
  const data = on.session.runtimeHandle?.data ?? {};
  data.pid = other.pid;
  let isDone = false;
  const done = interrupted(on).then(() => {
    isDone = true;
  });
  data.pid = process.pid;
  await waitFor(() => on.server.said(/prompt_async/).length === 1 && aborts(on).length === 1);
  expect(isDone).toBe(false);
  on.server.statuses = { ses_1: { type: "busy" } };
  await done;
  expect(on.server.statuses).toEqual({});
  expect(on.server.said(/prompt_async/)).toHaveLength(1);
});

test("an interrupt waits for a just accepted message to become a turn, but not for one that has waited long", async () => {
  const on = await stage({ conversation: "ses_1" });
  on.server.sessions.push({ id: "ses_1", directory: on.record.directory, time: { created: 1 } });
  const info = { id: "msg_1", sessionID: "ses_1", role: "user", time: { created: 1 } };
  on.server.messages.push({ info, parts: [] });
  await interrupted(on);
  expect(aborts(on)).toHaveLength(1);
  on.server.messages.push({ info: { ...info, id: "msg_2", time: { created: Date.now() } }, parts: [] });
  const done = interrupted(on);
  await waitFor(() => aborts(on).length === 2);
  on.server.statuses = { ses_1: { type: "busy" } };
  await done;
  expect(on.server.statuses).toEqual({});
});
