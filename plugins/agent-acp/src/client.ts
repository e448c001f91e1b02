import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { lineOf } from "./shapes.ts";
import type { HostPush, HostReply, HostRequest } from "./wire.ts";

/** A request without its number. */
export type HostCall = HostRequest extends infer Each ? (Each extends unknown ? Omit<Each, "re"> : never) : never;

export interface HostClient {
  /** Throws REFUSED with the host's reason, UNREACHABLE if the host has ended. */
  call(request: HostCall, limits?: CallLimits): Promise<string>;
  close(): void;
}

export interface CallLimits {
  signal?: AbortSignal | undefined;
}

export interface ClientEvents {
  onPush?(event: HostPush): void;
  onClose?(): void;
}

const CALL_MS = 10_000;

/** Throws UNAVAILABLE if no host listens there. */
export async function connectHost(path: string, events: ClientEvents = {}): Promise<HostClient> {
  const socket = await opened(path);
  const waiting = new Map<number, (reply: HostReply | null) => void>();
  let count = 0;
  const lines = createInterface({ input: socket });
  lines.on("line", (line) => {
    const said = lineOf(line);
    if (said === null) return;
    if ("push" in said) events.onPush?.(said.push);
    else waiting.get(said.reply.re)?.(said.reply);
  });
  lines.on("error", () => undefined); // The socket's own error again. `close` follows.
  socket.on("close", () => {
    for (const done of waiting.values()) done(null);
    events.onClose?.();
  });
  return {
    async call(request, { signal } = {}) {
      signal?.throwIfAborted();
      const re = ++count;
      const limit = joinSignals(AbortSignal.timeout(CALL_MS), ...(signal === undefined ? [] : [signal]));
      const reply = await new Promise<HostReply | null>((done) => {
        waiting.set(re, done);
        limit.signal.addEventListener("abort", () => done(null), { once: true });
        socket.write(`${JSON.stringify({ ...request, re })}\n`);
      }).finally(() => waiting.delete(re));
      limit.release();
      signal?.throwIfAborted();
      if (reply === null) throw new AoError("UNREACHABLE", "the agent's host did not answer");
      if (reply.ok) return reply.outcome;
      throw new AoError(reply.code, reply.message);
    },
    close: () => socket.destroy(),
  };
}

function opened(path: string): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect(path);
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      const isAbsent = cause.code === "ENOENT" || cause.code === "ECONNREFUSED";
      const message = isAbsent
        ? "the agent's host does not listen"
        : `the agent's host cannot be reached: ${cause.message}`;
      failed(new AoError(isAbsent ? "UNAVAILABLE" : "UNREACHABLE", message, { cause }));
    });
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      socket.on("error", () => socket.destroy()); // `close` follows, and rejects the calls that wait.
      done(socket);
    });
  });
}
