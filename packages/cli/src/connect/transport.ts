import { connect } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Transport } from "@agent-orchestrator/core/protocol/client";

/** Nothing listens on the socket, so there is no daemon, or it has just ended. */
export class NotListening extends Error {}

/** A look at a daemon that has not sent its first byte by then. An error ends the wait. */
export interface Look {
  afterMs: number;
  judge(): Promise<Error | null>;
}

/** The daemon is there, but too busy to accept a connection. */
const BUSY = "EAGAIN";
const BUSY_MS = 50;
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

/**
 * HTTP 1.0 over a unix socket. The answer is then a plain stream up to its end, and Node's own client is not needed, which
 * takes a fifth of a short command's time to load. Only complete lines are passed on. A lost connection ends the lines, and
 * the protocol's client recognises that. A daemon sends the head of its answer as soon as it has read that of the request.
 */
export function socketTransport(path: string, looks: readonly Look[] = []): Transport {
  return async function* lines({ name, body, signal }) {
    const over = new AbortController();
    const ending = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    const judge = async (look: Look) => {
      const error = await look.judge();
      if (error !== null) over.abort(error);
    };
    const timers = looks.map((look) => setTimeout(() => void judge(look), look.afterMs));
    const clear = () => timers.splice(0).forEach(clearTimeout);
    try {
      for (;;) {
        try {
          yield* linesOf({ path, text: requestText(name, body), signal: ending, heard: clear });
          return;
        } catch (error) {
          ending.throwIfAborted();
          const { syscall, code } = error as NodeJS.ErrnoException;
          if (syscall !== "connect") return;
          if (code !== BUSY) throw whyNot(error as NodeJS.ErrnoException, path);
          if (looks.length === 0) return;
          await sleep(BUSY_MS);
        }
      }
    } finally {
      clear();
    }
  };
}

interface Exchange {
  path: string;
  text: string;
  signal: AbortSignal;
  /** Called with each piece of the answer. */
  heard(): void;
}

/** The lines of one answer. Throws the error of the socket. */
async function* linesOf({ path, text, signal, heard }: Exchange): AsyncIterable<string> {
  signal.throwIfAborted();
  const socket = connect(path);
  const abort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  socket.setEncoding("utf8");
  socket.write(text);
  let head = "";
  let isHead = true;
  /** Of a line that goes on. A long one comes in many pieces, which are joined once. */
  let pieces: string[] = [];
  try {
    for await (const chunk of socket) {
      heard();
      let text = chunk as string;
      if (isHead) {
        head += text;
        const end = head.indexOf("\r\n\r\n");
        if (end === -1) continue;
        text = head.slice(end + 4);
        isHead = false;
      }
      const [first = "", ...parts] = text.split("\n");
      pieces.push(first);
      if (parts.length === 0) continue;
      const rest = parts.pop() ?? "";
      yield pieces.join("");
      yield* parts;
      pieces = [rest];
    }
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}

function requestText(name: string, body: string): string {
  const head = [
    `POST /v1/${name} HTTP/1.0`,
    "host: ao",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

function whyNot(error: NodeJS.ErrnoException, path: string): Error {
  if (!FORBIDDEN.has(error.code ?? "")) return new NotListening(error.message);
  return new AoError("UNAVAILABLE", `no permission to connect to the daemon's socket ${path} (${error.code})`, {
    hint: `Check who owns \`${dirname(path)}\` and its mode, which should be 700.`,
    cause: error,
  });
}
