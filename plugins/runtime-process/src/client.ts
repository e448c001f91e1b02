import { connect, type Socket } from "node:net";
import { AoError, type ErrorCode } from "@agent-orchestrator/core/model/errors";
import { type Reply, type Request, type RunnerEvent, readLines, writeLine } from "./wire.ts";

/** A connection to one runner. */
export interface RunnerClient {
  /** An aborted call is withdrawn. It still resolves if it was too late for that. */
  call(op: Request["op"], members?: object, options?: CallLimits): Promise<Record<string, unknown>>;
  /** For what gets no answer. */
  tell(op: "input" | "resize", members: object): void;
  close(): void;
}

export interface CallLimits {
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface ClientEvents {
  onEvent?(event: RunnerEvent): void;
  onClose?(): void;
}

const CONNECT_MS = 5_000;
const CALL_MS = 10_000;
/** After a withdrawal the runner reports its outcome at once. */
const WITHDRAW_MS = 12_000;

/** Throws UNAVAILABLE if no runner listens there. */
export async function connectRunner(path: string, events: ClientEvents = {}): Promise<RunnerClient> {
  const socket = await open(path);
  const waiting = new Map<number, { done: (reply: Reply) => void; failed: (error: Error) => void }>();
  let count = 0;
  readLines(socket, (line) => {
    if (typeof line.re !== "number") return events.onEvent?.(line as unknown as RunnerEvent);
    waiting.get(line.re)?.done(line as unknown as Reply);
  });
  socket.on("close", () => {
    for (const { failed } of waiting.values())
      failed(new AoError("UNREACHABLE", "the runner ended before it answered"));
    events.onClose?.();
  });
  return {
    async call(op, members = {}, limits = {}) {
      limits.signal?.throwIfAborted();
      const id = ++count;
      const withdraw = () => writeLine(socket, { id: ++count, op: "cancel", target: id });
      limits.signal?.addEventListener("abort", withdraw, { once: true });
      try {
        const reply = replyTo(id, limits.timeoutMs ?? CALL_MS, { waiting, withdraw });
        writeLine(socket, { ...members, id, op });
        return result(await reply, limits.signal);
      } finally {
        waiting.delete(id);
        limits.signal?.removeEventListener("abort", withdraw);
      }
    },
    tell: (op, members) => writeLine(socket, { ...members, id: ++count, op }),
    close: () => socket.destroy(),
  };
}

interface Waiting {
  waiting: Map<number, { done: (reply: Reply) => void; failed: (error: Error) => void }>;
  withdraw: () => void;
}

function replyTo(id: number, timeoutMs: number, { waiting, withdraw }: Waiting): Promise<Reply> {
  return new Promise<Reply>((done, failed) => {
    let timer = setTimeout(() => {
      withdraw();
      timer = setTimeout(() => failed(new AoError("UNREACHABLE", "the runner did not answer in time")), WITHDRAW_MS);
    }, timeoutMs);
    waiting.set(id, {
      done: (reply) => {
        clearTimeout(timer);
        done(reply);
      },
      failed: (error) => {
        clearTimeout(timer);
        failed(error);
      },
    });
  });
}

function result(reply: Reply, signal: AbortSignal | undefined): Record<string, unknown> {
  if (reply.ok) return reply;
  if (reply.code === "TRY_AGAIN") signal?.throwIfAborted();
  const code: ErrorCode = reply.code === "CLAIMED" ? "FAILED" : reply.code;
  throw new AoError(code, reply.message);
}

function open(path: string): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect(path);
    const timer = setTimeout(() => socket.destroy(new Error("no answer")), CONNECT_MS);
    const fail = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      const isAbsent = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      const message = isAbsent ? "no runner listens for this agent" : `the runner cannot be reached: ${error.message}`;
      failed(new AoError(isAbsent ? "UNAVAILABLE" : "UNREACHABLE", message, { cause: error }));
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      socket.on("error", () => socket.destroy()); // `close` follows, and rejects the calls that wait.
      done(socket);
    });
  });
}
