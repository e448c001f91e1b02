import { quietUntil } from "@agent-orchestrator/core/decide/notices/quiet";
import { plural } from "@agent-orchestrator/core/decide/text";
import { type ChannelId, channelName, type Notice } from "@agent-orchestrator/core/model/notice";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";

const DEFAULT_LIMIT = 50;

/** What became of notifications. */
export interface NotifyLogRow {
  at: string;
  channel: string;
  /** `waiting`: on its way. `acted`: somebody pressed a button or replied there. */
  outcome: "delivered" | "failed" | "waiting" | "acted";
  sessions: string[];
  /** What it says, or why it failed. */
  text: string;
}

/** The newest last: what channels took or never took and what people did there, then what still waits. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params: z.object({ limit: z.number().int().min(1).max(10_000).optional() }),
}).returns<NotifyLogRow[]>(async (app, { limit = DEFAULT_LIMIT }, call) => {
  const filter = { isPublic: true, types: ["notify.delivered", "notify.failed", "notify.acted"] };
  const past = (await app.logWorker.run("tail", { limit, filter }, call.signal)).parsed() as LoggedEvent[];
  const waiting = Object.values(app.engine.state.notices).flatMap((notice) => waitingRows(app, notice));
  return { data: [...past.map(rowOf), ...waiting].slice(-limit) };
});

function rowOf({ ts, type, message, sessionId, data }: LoggedEvent): NotifyLogRow {
  const { channel, sessions } = data as { channel?: string; sessions?: string[] };
  const outcome = type === "notify.failed" ? "failed" : type === "notify.acted" ? "acted" : "delivered";
  return {
    ...{ at: ts, channel: channel ?? "", outcome },
    sessions: sessions ?? (sessionId ? [sessionId] : []),
    text: message ?? "",
  };
}

function waitingRows(app: App, notice: Notice): NotifyLogRow[] {
  const { createdAt, sessionId, event, channels } = notice;
  return Object.keys(channels)
    .filter((id) => channels[id] === "waiting")
    .map((id) => ({
      ...{ at: createdAt, channel: channelName(id), outcome: "waiting" as const },
      ...{ sessions: [sessionId], text: `${event.message} (${whyWaiting(app, notice, id)})` },
    }));
}

function whyWaiting(app: App, { sessionId, event }: Notice, id: ChannelId): string {
  const nowMs = app.world.clock.now();
  const { channels, sessions } = app.engine.state;
  const { failure = null, failures = 0, retryAt = null } = channels[id] ?? {};
  if (failure !== null) {
    const inMs = Math.max(0, Date.parse(retryAt ?? "") - nowMs || 0);
    return `tried ${plural(failures, "time", "times")}, again in ${formatDuration(inMs)}: ${app.configs.redact(failure.message)}`;
  }
  const record = sessions[sessionId];
  const quiet = record === undefined ? null : (app.world.policy(record, app.engine.state).notify?.quiet ?? null);
  const until = quietUntil(quiet, event.priority, nowMs);
  return until === null ? "it is being sent" : `quiet hours, for another ${formatDuration(until - nowMs)}`;
}
