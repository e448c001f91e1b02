import { expect, test } from "vitest";
import { weigh } from "../weigh.ts";
import { nothingSeen, take } from "./seen.ts";
import type { ServerEvent } from "./wire.ts";

const ROOT = "ses_root";
const status = (type: string, sessionID = ROOT): ServerEvent => ({
  type: "session.status",
  properties: { sessionID, status: { type } },
});
const message = (info: { id: string; role: string } & Record<string, unknown>): ServerEvent => ({
  type: "message.updated",
  properties: { info: { sessionID: ROOT, time: { created: 1 }, ...info } },
});
const prompt = (id: string) => message({ id, role: "user" });
const answer = (id: string, more: object = {}) => message({ id, role: "assistant", parentID: "msg_1", ...more });
const tool = (state: string): ServerEvent => {
  const part = { id: "prt_1", sessionID: ROOT, messageID: "msg_2", type: "tool", tool: "bash", callID: "c1" };
  return { type: "message.part.updated", properties: { part: { ...part, state: { status: state } } } };
};
const child: ServerEvent = {
  type: "session.created",
  properties: { info: { id: "ses_child", parentID: ROOT, directory: "/x", time: { created: 1 } } },
};
const stop = answer("msg_2", { finish: "stop" });

/** The order of OpenCode 1.18.33, recorded: the complete answer, a second of its own work, busy again, idle. */
test.each<[string, ServerEvent[], [state: string, ends: number]]>([
  ["is over before OpenCode says that it is idle", [stop], ["ready", 1]],
  ["ends once", [stop, stop, status("busy"), status("idle")], ["ready", 1]],
  ["is over if the answer is cut by its length", [answer("msg_2", { finish: "length" })], ["ready", 1]],
  ["goes on after tool calls", [answer("msg_2", { finish: "tool-calls" })], ["active", 0]],
  ["goes on while a tool runs", [tool("running"), stop], ["active", 0]],
  ["goes on after the summary of a compaction", [answer("msg_2", { finish: "stop", summary: true })], ["active", 0]],
  ["goes on while a sub-agent works", [child, status("busy", "ses_child"), stop], ["active", 0]],
  ["goes on if that answered an earlier message", [prompt("msg_3"), stop], ["active", 0]],
  ["is followed by another message", [stop, prompt("msg_3"), status("busy")], ["active", 1]],
  ["is followed by another answer", [stop, answer("msg_4")], ["active", 1]],
  ["is followed by retries", [stop, status("retry")], ["active", 1]],
])("a turn whose last answer is complete %s", (_, events, expected) => {
  const seen = nothingSeen(ROOT, 0);
  const all = [prompt("msg_1"), status("busy"), answer("msg_2"), ...events];
  const happenings = all.flatMap((event) => take(seen, event, 5));
  const now = { now: 6, seen, screen: null, promptDueUntil: null, server: { isHeard: true } as const };
  expect([weigh(now)?.state, happenings.filter(({ kind }) => kind === "turn-over").length]).toEqual(expected);
});
