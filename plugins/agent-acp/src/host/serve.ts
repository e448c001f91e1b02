import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { HostPush, HostReply, HostRequest } from "../wire.ts";

export interface Service {
  push(event: HostPush): void;
  close(): void;
}

export interface Served {
  /** Returns a description of what was done, or throws with the reason. */
  answer(request: HostRequest): string;
  now(): HostPush;
}

/** Listens on a socket that only this user can reach. The newest host takes it over. */
export async function serve(path: string, served: Served): Promise<Service> {
  const watchers = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      watchers.delete(socket);
    });
    const lines = createInterface({ input: socket });
    lines.on("error", () => undefined); // The socket's own error again. It is gone.
    lines.on("line", (line) => {
      const request = parse(line);
      if (request === null) {
        socket.destroy();
        return;
      }
      write(socket, replyTo(request, served));
      if (request.op !== "watch") return;
      watchers.add(socket);
      write(socket, served.now());
    });
  });
  await listen(server, path);
  return {
    push(event) {
      for (const socket of watchers) write(socket, event);
    },
    close() {
      server.close();
      for (const socket of sockets) socket.end();
      rmSync(path, { force: true });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  const mask = process.umask(0o177);
  return new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(path, done);
  }).finally(() => process.umask(mask));
}

function replyTo(request: HostRequest, served: Served): HostReply {
  try {
    return { re: request.re, ok: true, outcome: served.answer(request) };
  } catch (error) {
    const code = error instanceof Refusal ? "REFUSED" : "FAILED";
    return { re: request.re, ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}

/** The request can't be fulfilled in the current state. */
export class Refusal extends Error {}

function write(socket: Socket, value: HostReply | HostPush): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}

function parse(line: string): HostRequest | null {
  try {
    const value = JSON.parse(line) as HostRequest;
    return typeof value?.op === "string" ? value : null;
  } catch {
    return null; // This is not one of our programs.
  }
}
