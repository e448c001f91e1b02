import { type IncomingMessage, request } from "node:http";
import type { Transport } from "@agent-orchestrator/core/protocol/client";

/** Nobody listens on the socket: there is no daemon, or it has just gone. */
export class NotListening extends Error {}

/** Refused to us, or too busy to take us on: somebody is there. */
const SOMEBODY = new Set(["EACCES", "EPERM", "EAGAIN"]);

/**
 * HTTP/1.1 over a unix socket. Only whole lines are handed on; a connection lost on the way ends the lines, which the
 * protocol's client takes for what it is.
 */
export function socketTransport(path: string): Transport {
  return async function* lines({ name, body, signal }) {
    const response = await open(path, { name, body, ...(signal === undefined ? {} : { signal }) });
    if (response === null) return;
    response.setEncoding("utf8");
    let rest = "";
    try {
      for await (const chunk of response) {
        const parts = (rest + (chunk as string)).split("\n");
        rest = parts.pop() ?? "";
        yield* parts;
      }
    } catch {
      signal?.throwIfAborted();
      return; // the daemon went away in the middle of its answer
    } finally {
      response.destroy();
    }
    if (rest !== "") yield rest;
  };
}

interface Opening {
  name: string;
  body: string;
  signal?: AbortSignal;
}

/** The head of the answer; null when the connection was lost before it. */
function open(path: string, { name, body, signal }: Opening): Promise<IncomingMessage | null> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath: path,
        path: `/v1/${name}`,
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), host: "ao" },
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    asked.on("error", (error: NodeJS.ErrnoException) => {
      if (signal?.aborted === true) reject(signal.reason);
      else if (error.code === "EACCES" || error.code === "EPERM") reject(error);
      else if (error.syscall === "connect" && !SOMEBODY.has(error.code ?? "")) reject(new NotListening(error.message));
      else resolve(null);
    });
    asked.end(body);
  });
}
