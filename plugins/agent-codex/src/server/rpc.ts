import { joinSignals } from "@agent-orchestrator/core/host/signals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import WebSocket from "ws";
import { Frame } from "./wire.ts";

export interface Rpc {
  /** Throws REFUSED with the server's words if it refuses, UNREACHABLE if it does not answer. */
  request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
  notify(method: string): void;
  /** Answers a request of the server. */
  reply(id: number | string, result: unknown): void;
  readonly isOpen: boolean;
  close(): void;
}

interface RpcOptions {
  socket: string;
  clock: Clock;
  /** What is not an answer to one of our requests. */
  onFrame(frame: Frame): void;
  onClose(): void;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
/** Whole conversations come in one frame. Nothing of ours is as long. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

interface Waiting {
  settle(frame: Frame): void;
  fail(error: AoError): void;
}

/** A WebSocket over a unix socket that only this user can open. It carries JSON-RPC in both directions. */
export async function openRpc({ socket, clock, onFrame, onClose }: RpcOptions): Promise<Rpc> {
  const waiting = new Map<number, Waiting>();
  const ws = new WebSocket(`ws+unix://${socket}:/`, {
    handshakeTimeout: CONNECT_MS,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  let lastId = 0;
  ws.on("message", (bytes) => {
    const frame = frameOf(String(bytes));
    if (frame === null) return;
    const isAnswer = frame.method === undefined && typeof frame.id === "number";
    if (!isAnswer) onFrame(frame);
    else waiting.get(frame.id as number)?.settle(frame);
  });
  ws.on("close", () => {
    for (const each of waiting.values()) each.fail(unreachable("Codex's app server has ended"));
    onClose();
  });
  await opened(ws);
  return {
    get isOpen() {
      return ws.readyState === WebSocket.OPEN;
    },
    async request(method, params, signal) {
      signal?.throwIfAborted();
      if (ws.readyState !== WebSocket.OPEN) throw unreachable("Codex's app server has ended");
      lastId += 1;
      const id = lastId;
      const answer = new Promise<Frame>((settle, fail) => waiting.set(id, { settle, fail }));
      ws.send(JSON.stringify({ id, method, params }));
      try {
        return resultOf(await inTime(answer, { method, clock, signal }));
      } finally {
        waiting.delete(id);
      }
    },
    notify: (method) => ws.send(JSON.stringify({ method })),
    reply: (id, result) => ws.send(JSON.stringify({ id, result })),
    close: () => ws.close(),
  };
}

function opened(ws: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    ws.once("open", resolve);
    // Stays for the life of the socket, because an error without a listener would end the daemon. `close` follows it.
    ws.on("error", (cause) => reject(unreachable("Codex's app server is not responding", cause)));
  });
}

async function inTime(
  answer: Promise<Frame>,
  { method, clock, signal }: { method: string; clock: Clock; signal: AbortSignal | undefined },
): Promise<Frame> {
  const done = joinSignals(...(signal === undefined ? [] : [signal]));
  const late = clock.sleep(ANSWER_MS, done.signal).then(() => {
    throw unreachable(`Codex's app server did not answer ${method} within ${ANSWER_MS / 1000} s`);
  });
  late.catch(() => undefined); // The answer came first, or nothing waits any more.
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
  }
}

function resultOf(frame: Frame): unknown {
  if (frame.error === undefined) return frame.result;
  throw new AoError("REFUSED", `Codex says no: ${frame.error.message}`, {
    details: { code: frame.error.code ?? null },
  });
}

function frameOf(text: string): Frame | null {
  try {
    const parsed = Frame.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // Not JSON, so we can't use it.
  }
}

const unreachable = (message: string, cause?: unknown): AoError =>
  new AoError("UNREACHABLE", message, { hint: "Run `ao attach` to see its terminal.", cause });
