import { spawn } from "node:child_process";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { expect, onTestFinished, test } from "vitest";
import { deliver } from "./deliver.ts";
import { screenOf } from "./testing/replay.ts";
import { type Stage, stage } from "./testing/stage.ts";

/** A thousand times as fast, for what waits for minutes. */
const hurried = {
  now: systemClock.now,
  monotonic: () => systemClock.monotonic() * 1_000,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 1_000, signal),
};

const hand = ({ session, terminal }: Stage, text: string, id = "m1") =>
  deliver({ session, terminal, message: { id, text }, clock: systemClock });
const texts = ({ server }: Stage) =>
  server.messages
    .filter(({ info }) => info.role === "user")
    .map(({ parts }) => parts.map(({ text }) => text).join("|"));

test("starts the conversation, passes the text on unchanged, and gets OpenCode's confirmation", async () => {
  const on = await stage();
  const text = '/exit is "no" command\n\n  👩‍👩‍👧 $HOME `id`;\u001b[31m';
  expect(await hand(on, text)).toEqual({ outcome: "accepted" });
  expect(texts(on)).toEqual(['/exit is "no" command\n\n  👩‍👩‍👧 $HOME `id`;[31m']);
  expect(on.server.sessions).toHaveLength(1);
  expect(on.written).toEqual([]);
});

test("sending the same message a second time has no further effect, whatever happened to the first", async () => {
  const on = await stage();
  expect(await hand(on, "once")).toEqual({ outcome: "accepted" });
  expect(await hand(on, "once")).toEqual({ outcome: "accepted" });
  on.server.prompts = ["lost after"];
  expect(await hand(on, "broken", "m2")).toEqual({ outcome: "accepted" });
  on.server.prompts = ["lost before", "lost before"];
  expect(await hand(on, "lost", "m3")).toEqual({ outcome: "accepted" });
  expect(await hand(on, "lost", "m3")).toEqual({ outcome: "accepted" });
  expect(texts(on)).toEqual(["once", "broken", "lost"]);
  expect(on.server.sessions).toHaveLength(1);
});

test("two messages of the same words are two", async () => {
  const on = await stage();
  await hand(on, "continue", "m1");
  await hand(on, "continue", "m2");
  expect(texts(on)).toEqual(["continue", "continue"]);
});

test("nothing is delivered while a dialog is open, and one that an abort left behind does not count", async () => {
  const on = await stage();
  on.server.permissions.push({ id: "per_1", sessionID: "ses_1", permission: "bash" });
  on.server.statuses = { ses_1: { type: "busy" } };
  expect(await hand(on, "yes")).toEqual({ outcome: "deferred", because: "asking" });
  expect(texts(on)).toEqual([]);
  on.server.statuses = {};
  expect(await hand(on, "yes")).toEqual({ outcome: "accepted" });
});

test("the model of the config goes along", async () => {
  const on = await stage({ model: "openrouter/vendor/model" });
  await hand(on, "hello");
  expect(on.server.said(/prompt_async/)[0]).toMatchObject({
    model: { providerID: "openrouter", modelID: "vendor/model" },
  });
});

test("a conversation that was started and not recorded is found by its mark", async () => {
  const on = await stage();
  const mark = `${on.session.id} ${on.session.createdAt} ${on.session.launch}`;
  const { directory } = on.record;
  on.server.sessions.push({ id: "ses_0", directory: "/elsewhere", metadata: { ao: mark }, time: { created: 1 } });
  on.server.sessions.push({ id: "ses_9", directory, metadata: { ao: mark }, time: { created: 1 } });
  await hand(on, "hello");
  expect(on.server.sessions).toHaveLength(2);
  expect(on.server.messages[0]?.info.sessionID).toBe("ses_9");
});

test("a conversation of another folder gets no messages", async () => {
  const on = await stage({ conversation: "ses_7" });
  on.server.sessions.push({ id: "ses_7", directory: "/elsewhere", time: { created: 1 } });
  await expect(hand(on, "hello")).rejects.toMatchObject({ code: "REFUSED" });
  expect(texts(on)).toEqual([]);
});

test("a stranger that got the port receives neither the text nor the password", async () => {
  const on = await stage();
  const program = spawn("sleep", ["60"]);
  onTestFinished(() => void program.kill());
  const runtimeHandle = { id: "x", runtimeName: "tmux", data: { pid: program.pid } };
  const message = { id: "m1", text: "secret" };
  const handed = deliver({ session: { ...on.session, runtimeHandle }, terminal: on.terminal, message, clock: hurried });
  await expect(handed).rejects.toMatchObject({ code: "UNREACHABLE" });
  if (process.platform === "linux") expect(on.server.calls).toEqual([]);
});

test("without its server the message is typed into an empty box, and never over a draft or into a dialog", async () => {
  const on = await stage();
  await on.server.stop();
  const typed = async (screen: string, text: string) => {
    on.rows.splice(0, Number.POSITIVE_INFINITY, ...screenOf(screen));
    return await deliver({ ...on, message: { id: "m1", text }, clock: hurried });
  };
  expect(await typed("permission-edit", "yes")).toEqual({ outcome: "deferred", because: "asking" });
  expect(on.written).toEqual([]);
  expect(await typed("at-rest", "/exit not")).toMatchObject({ outcome: "unconfirmed" });
  expect(on.written).toEqual([{ id: "m1", text: " /exit not", how: "bracketed" }]);
  for (const farewell of ["exit", " quit", ":q\u202e"]) await typed("at-rest", farewell);
  expect(on.written.slice(1).map(({ text }) => text)).toEqual(["exit.", " quit.", ":q."]);
});
