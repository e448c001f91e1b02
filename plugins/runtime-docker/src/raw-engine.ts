import { type ClientRequest, request } from "node:http";
import type { Socket } from "node:net";

/** The three calls of an attached terminal, with nothing but Node: the whole client would take longer to load than the rest. */
export interface RawEngine {
  /** The last bytes that the program printed. */
  output(container: string, lines: number): Promise<Buffer>;
  /** Keys go in, output comes out. */
  attach(container: string): Promise<Socket>;
  resize(container: string, size: { columns: number; rows: number }): void;
}

export function rawEngine(address: string): RawEngine {
  const url = new URL(address);
  const where =
    url.protocol === "unix:" ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || "2375" };
  const ask = (method: string, path: string, headers = {}): ClientRequest =>
    request({ ...where, method, path, headers });
  return {
    output: (container, lines) =>
      new Promise((done, failed) => {
        const asked = ask("GET", `/containers/${container}/logs?stdout=1&stderr=1&tail=${lines}`);
        asked.once("error", failed);
        asked.once("response", (answer) => {
          const pieces: Buffer[] = [];
          answer.on("data", (piece: Buffer) => pieces.push(piece));
          answer.once("end", () => done(answer.statusCode === 200 ? Buffer.concat(pieces) : Buffer.alloc(0)));
        });
        asked.end();
      }),
    attach: (container) =>
      new Promise((done, failed) => {
        const path = `/containers/${container}/attach?stream=1&stdin=1&stdout=1&stderr=1&detachKeys=ctrl-%5D`;
        const asked = ask("POST", path, { Connection: "Upgrade", Upgrade: "tcp" });
        asked.once("error", failed);
        asked.once("response", (answer) => failed(new Error(`the engine answered ${answer.statusCode}`)));
        asked.once("upgrade", (_answer, socket: Socket, head) => {
          if (head.length > 0) socket.unshift(head);
          done(socket);
        });
        asked.end();
      }),
    resize(container, { columns, rows }) {
      const asked = ask("POST", `/containers/${container}/resize?h=${rows}&w=${columns}`);
      asked.on("error", () => undefined); // The engine is going away, which the connection shows.
      asked.on("response", (answer) => answer.resume());
      asked.end();
    },
  };
}
