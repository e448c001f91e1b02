import { channelName, type Notice } from "@agent-orchestrator/core/model/notice";
import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
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
  const waiting = Object.values(app.engine.state.notices).flatMap(waitingRows);
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

function waitingRows({ createdAt, sessionId, event, channels }: Notice): NotifyLogRow[] {
  return Object.entries(channels)
    .filter(([, state]) => state === "waiting")
    .map(([id]) => ({
      ...{ at: createdAt, channel: channelName(id), outcome: "waiting" as const },
      ...{ sessions: [sessionId], text: event.message },
    }));
}
