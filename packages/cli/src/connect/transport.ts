import { connect } from "node:net";
import { dirname } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Transport } from "@agent-orchestrator/core/protocol/client";

/** Nothing listens on the socket, so there is no daemon, or it has just ended. */
export class NotListening extends Error {}

/** The daemon is there, but too busy to accept a connection. */
const BUSY = "EAGAIN";
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

/**
 * HTTP 1.0 over a unix socket. The answer is then a plain stream up to its end, and Node's own client is not needed, which
 * takes a fifth of a short command's time to load. Only complete lines are passed on. A lost connection ends the lines, and
 * the protocol's client recognises that.
 */
export function socketTransport(path: string): Transport {
  return async function* lines({ name, body, signal }) {
    signal?.throwIfAborted();
    const socket = connect(path);
    const abort = () => socket.destroy(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
    signal?.addEventListener("abort", abort, { once: true });
    socket.setEncoding("utf8");
    socket.write(requestText(name, body));
    let rest = "";
    let isHead = true;
    try {
      for await (const chunk of socket) {
        rest += chunk as string;
        if (isHead) {
          const end = rest.indexOf("\r\n\r\n");
          if (end === -1) continue;
          rest = rest.slice(end + 4);
          isHead = false;
        }
        const parts = rest.split("\n");
        rest = parts.pop() ?? "";
        yield* parts;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throwUnlessLost(error as NodeJS.ErrnoException, path);
    } finally {
      signal?.removeEventListener("abort", abort);
      socket.destroy();
    }
  };
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

function throwUnlessLost(error: NodeJS.ErrnoException, path: string): void {
  if (error.syscall !== "connect" || error.code === BUSY) return;
  if (!FORBIDDEN.has(error.code ?? "")) throw new NotListening(error.message);
  throw new AoError("UNAVAILABLE", `no permission to connect to the daemon's socket ${path} (${error.code})`, {
    hint: `Check who owns \`${dirname(path)}\` and its mode, which should be 700.`,
    cause: error,
  });
}
