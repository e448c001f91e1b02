import { createServer, type Server, type Socket } from "node:net";
import type { Key } from "@agent-orchestrator/core/slots/screen";
import type { Delivery, Outgoing, Sent, Typing } from "@agent-orchestrator/plugin-kit/terminal/delivery";
import { bytesOf } from "@agent-orchestrator/plugin-kit/terminal/keys";
import { type FailureCode, type Request, readLines, writeLine } from "../wire.ts";
import type { Program } from "./program.ts";
import type { Push } from "./push.ts";
import type { Viewers } from "./viewers.ts";

export interface ServedParts {
  program: Program;
  delivery: Delivery;
  push: Push;
  viewers: Viewers;
  isReady(): boolean;
}

interface Connection {
  socket: Socket;
  /** Messages being sent, by the number of their request. */
  sends: Map<number, AbortController>;
  /** The message that this client is typing. */
  typing: Typing | null;
}

/** Binds the socket before the program starts, so that whoever finds the record can connect. */
export function listen(path: string): Promise<Server> {
  const server = createServer();
  const mask = process.umask(0o177);
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(path, () => {
      process.umask(mask);
      done(server);
    });
  });
}

/** Serves until the returned function is called. What was sent before still arrives. */
export function serve(server: Server, parts: ServedParts): () => void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    const connection: Connection = { socket, sends: new Map(), typing: null };
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      // The typing client is gone. What it typed is a draft, and nobody types it twice.
      connection.typing?.release();
      parts.push.leave(socket);
      parts.viewers.leave(socket);
    });
    readLines(socket, (line) => {
      const request = line as unknown as Request;
      answer(parts, connection, request).catch((error: unknown) =>
        fail(socket, request, { code: "FAILED", message: String(error) }),
      );
    });
  });
  return () => {
    server.close();
    for (const socket of sockets) socket.end();
  };
}

async function answer(parts: ServedParts, connection: Connection, request: Request): Promise<void> {
  const { socket } = connection;
  switch (request.op) {
    case "send":
      return await send(parts, connection, request);
    case "type":
      return await beginTyping(parts, connection, request);
    case "piece":
    case "type-end":
      return await typeOn(connection, request);
    case "cancel":
      connection.sends.get(Number(request.target))?.abort();
      return;
    case "keys":
      return await keys(parts, socket, request);
    case "ring":
      parts.viewers.ring(String(request.text));
      break;
    case "watch":
      parts.push.watch(socket);
      succeed(socket, request, { isReady: parts.isReady() });
      return;
    case "attach":
      succeed(socket, request, { hasTerminal: parts.program.hasTerminal });
      parts.viewers.attach(socket, size(request.columns, 80), size(request.rows, 24));
      return;
    case "look":
      parts.viewers.look(socket);
      break;
    case "input":
      if (parts.viewers.type(Buffer.from(String(request.bytes), "base64"))) {
        parts.push.hint("human-input");
      }
      return;
    case "resize":
      parts.viewers.resize(socket, size(request.columns, 80), size(request.rows, 24));
      return;
    default:
      fail(socket, request, { code: "FAILED", message: "unknown request" });
      return;
  }
  succeed(socket, request, {});
}

async function beginTyping(parts: ServedParts, connection: Connection, request: Request): Promise<void> {
  const { socket, sends } = connection;
  const abort = new AbortController();
  sends.set(request.id, abort);
  try {
    const begun = await parts.delivery.type(idOf(request), abort.signal);
    if (typeof begun === "string") return settle(socket, request, begun);
    connection.typing = begun;
    if (socket.destroyed) begun.release();
    succeed(socket, request, { outcome: "begun" });
  } finally {
    sends.delete(request.id);
  }
}

async function typeOn(connection: Connection, request: Request): Promise<void> {
  const { socket, typing } = connection;
  if (typing === null) return fail(socket, request, { code: "FAILED", message: "nothing is being typed" });
  if (request.op === "piece") await typing.piece(String(request.text));
  else {
    if (request.isEntered === true) await typing.enter();
    else typing.withdraw();
    typing.release();
    connection.typing = null;
  }
  succeed(socket, request, {});
}

const idOf = ({ messageId }: Request): string | null => (typeof messageId === "string" ? messageId : null);

function settle(socket: Socket, request: Request, outcome: Sent): void {
  if (outcome === "closed") fail(socket, request, CLOSED);
  else if (outcome === "gone") fail(socket, request, GONE);
  else if (outcome === "cancelled") fail(socket, request, WITHDRAWN);
  else succeed(socket, request, { outcome });
}

async function send(parts: ServedParts, { socket, sends }: Connection, request: Request): Promise<void> {
  const abort = new AbortController();
  sends.set(request.id, abort);
  try {
    const message: Outgoing = {
      messageId: idOf(request),
      text: String(request.text),
      paste: (request.paste ?? null) as Outgoing["paste"],
    };
    settle(socket, request, await parts.delivery.send(message, abort.signal));
  } finally {
    sends.delete(request.id);
  }
}

async function keys({ program }: ServedParts, socket: Socket, request: Request): Promise<void> {
  for (const key of request.keys as Key[]) {
    if (program.hasTerminal) await program.write(bytesOf(key));
    else if (key === "C-c") process.kill(-program.pid, "SIGINT");
    else if (key === "Enter") await program.write("\n");
    else
      return fail(socket, request, {
        code: "UNAVAILABLE",
        message: `${typeof key === "string" ? key : key.char} needs a terminal`,
      });
  }
  succeed(socket, request, {});
}

const size = (value: unknown, otherwise: number): number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value < 2_000 ? value : otherwise;

function succeed(socket: Socket, request: Request, result: Record<string, unknown>): void {
  writeLine(socket, { ...result, re: request.id, ok: true });
}

interface Failure {
  code: FailureCode;
  message: string;
}

const GONE: Failure = { code: "UNAVAILABLE", message: "the agent's program has ended" };
const CLOSED: Failure = { code: "UNAVAILABLE", message: "the agent's program has closed its input" };
const WITHDRAWN: Failure = { code: "TRY_AGAIN", message: "withdrawn before it was written" };

function fail(socket: Socket, request: Request, failure: Failure): void {
  writeLine(socket, { ...failure, re: request.id, ok: false });
}
