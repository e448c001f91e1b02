import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Caller, Frame } from "@agent-orchestrator/core/protocol/frames";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { App } from "../app.ts";
import { answerRequest, type Wire } from "../server/answer.ts";

/** What the page may say of itself. It has no folder, no process and no environment. */
const Said = z.looseObject({
  params: z.looseObject({}),
  caller: z.looseObject({ configPath: z.string().optional(), wishId: z.string().max(64).optional() }).optional(),
});

const Message = z.union([
  z.object({ id: z.number().int().min(0), cancel: z.literal(true) }),
  z.object({ id: z.number().int().min(0), name: z.string().max(100), body: z.unknown() }),
]);

/** Requests of one page at the same time. */
const MAX_OPEN = 64;
/** A page that reads nothing is left. It asks again from its cursor. */
const MAX_BEHIND = 16 * 1024 * 1024;

export const TALK_MAX_MESSAGE = 4 * 1024 * 1024;

/** Close codes of our own (RFC 6455, 7.4.2), and those that have a meaning already. */
export const CLOSE = { notUnderstood: 1007, readOnly: 1008, tooSlow: 1013, revoked: 4001, unavailable: 4004 } as const;

/** The daemon's API over a WebSocket: the frames of the unix socket, each with the number of its request. */
export function talk(app: App, socket: WebSocket): void {
  const open = new Map<number, AbortController>();
  socket.on("close", () => {
    for (const request of open.values()) request.abort(new AoError("TRY_AGAIN", "the caller hung up"));
  });
  socket.on("message", (data, isBinary) => {
    const message = isBinary ? null : parse(String(data));
    if (message === null) return socket.close(CLOSE.notUnderstood, "not a request");
    if ("cancel" in message) return open.get(message.id)?.abort(new AoError("TRY_AGAIN", "the caller hung up"));
    if (open.has(message.id) || open.size >= MAX_OPEN) return socket.close(CLOSE.notUnderstood, "too many requests");
    const hangUp = new AbortController();
    open.set(message.id, hangUp);
    const wire = wireOf(socket, message.id, hangUp.signal);
    const asked = async () => ({
      name: message.name,
      asker: { who: "browser" } as const,
      ...saidBy(app, message.body),
    });
    void answerRequest(app, asked, wire).finally(() => open.delete(message.id));
  });
}

function parse(text: string): z.infer<typeof Message> | null {
  try {
    return Message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function saidBy(app: App, body: unknown): { params: unknown; caller: Caller } {
  const said = Said.safeParse(body);
  if (!said.success) throw new AoError("USAGE", "the request is not understood");
  const { configPath, wishId } = said.data.caller ?? {};
  if (configPath !== undefined && !app.configs.all().some(({ path }) => path === configPath)) {
    throw new AoError("NOT_FOUND", "ao does not know this config", {
      hint: "Run `ao status` once in its folder.",
    });
  }
  const caller = {
    ...{ cwd: app.home, pid: process.pid, build: app.info.build },
    ...(configPath === undefined ? {} : { configPath }),
    ...(wishId === undefined ? {} : { wishId }),
  };
  return { params: said.data.params, caller };
}

function wireOf(socket: WebSocket, id: number, signal: AbortSignal): Wire {
  const send = (text: string) => {
    if (signal.aborted || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BEHIND) return socket.close(CLOSE.tooSlow, "reads too slowly");
    socket.send(`{"id":${id},${text.slice(1)}`);
  };
  return {
    write: (frame: Frame) => send(JSON.stringify(frame)),
    writeJson: (head, text) => send(`${head}${Buffer.from(text).toString("utf8")}}`),
    signal,
  };
}
