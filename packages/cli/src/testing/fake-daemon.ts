import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Caller, Frame, WireError } from "@agent-orchestrator/core/protocol/frames";
import type { RequestName } from "@agent-orchestrator/daemon/requests";
import { onTestFinished } from "vitest";

export interface Asked {
  name: string;
  params: Record<string, unknown>;
  caller: Caller;
}

export interface Wire {
  send(frame: Frame): void;
  /** Ends the answer without a result, as if the daemon died. */
  hangUp(): void;
  /** Resolves when the caller has gone. */
  closed: Promise<void>;
}

export type Reply = (asked: Asked, wire: Wire) => unknown;

export interface FakeDaemon {
  asked: Asked[];
  /** Requests of one name, in order. */
  of(name: RequestName): Asked[];
  close(): Promise<void>;
}

/** Answered with an `error` frame. */
export class Refusal {
  readonly error: WireError;
  constructor(error: WireError) {
    this.error = error;
  }
}

/** Answered with this meta. */
export class WithMeta {
  readonly data: unknown;
  readonly meta: unknown;
  constructor(data: unknown, meta: unknown) {
    this.data = data;
    this.meta = meta;
  }
}

/** The far end of the socket. It speaks the daemon's protocol and gives the answers of the test. */
export async function fakeDaemon(
  home: string,
  replies: Partial<Record<RequestName, Reply>>,
  file: Record<string, unknown> = {},
): Promise<FakeDaemon> {
  const folder = join(home, "daemon");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socket = join(folder, "ao.sock");
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice("/v1/".length);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Omit<Asked, "name">;
      const one: Asked = { name, ...body };
      asked.push(one);
      void answer(one, { reply: replies[name as RequestName], response });
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  writeFileSync(join(folder, "daemon.json"), JSON.stringify({ pid: process.pid, socket, ...file }));
  const close = () => closeServer(server);
  onTestFinished(close);
  return { asked, of: (name) => asked.filter((one) => one.name === name), close };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function answer(
  asked: Asked,
  { reply, response }: { reply: Reply | undefined; response: ServerResponse },
): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  let isOver = false;
  const wire: Wire = {
    send: (frame) => void response.write(`${JSON.stringify(frame)}\n`),
    hangUp: () => {
      isOver = true;
      response.socket?.destroySoon(); // after everything was written
    },
    closed: new Promise((resolve) => response.on("close", () => resolve())),
  };
  const refusal = new Refusal({ code: "FAILED", message: `the fake daemon has no reply to ${asked.name}` });
  const data = reply === undefined ? refusal : await reply(asked, wire);
  if (isOver) return;
  if (data instanceof Refusal) wire.send({ type: "error", error: data.error });
  else if (data instanceof WithMeta) wire.send({ type: "result", data: data.data, meta: data.meta });
  else wire.send({ type: "result", data, meta: {} });
  response.end();
}
