import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Server } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { waitFor } from "../wait-for.ts";
import type { SlackWorld } from "./world.ts";

/** What Slack sends through a socket. */
export interface Envelope {
  type: "interactive" | "events_api" | "slash_commands";
  payload: Record<string, unknown>;
  envelope_id?: string;
  retry_attempt?: number;
}

export interface SocketMode {
  /** For `apps.connections.open`: an address that is good once. */
  open(origin: string): string;
  /** Sends it to the newest connection, and again if that closes before. Resolves when it is acknowledged, with the milliseconds that it took. */
  send(envelope: Envelope): Promise<number>;
  /** As Slack does every few hours, or when Socket Mode is turned off. */
  disconnect(reason: "refresh_requested" | "warning" | "link_disabled"): void;
  /** The connections break. */
  drop(): void;
  connected(): number;
  /** The most at a time, and all there ever were. */
  most(): number;
  count(): number;
  close(): void;
}

export function socketMode(world: SlackWorld, server: Server): SocketMode {
  const sockets = new Set<WebSocket>();
  const tickets = new Set<string>();
  const acked = new Map<string, number>();
  const wss = new WebSocketServer({ noServer: true });
  let [most, count] = [0, 0];
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const ticket = new URL(request.url ?? "", "http://x").searchParams.get("ticket") ?? "";
    if (!tickets.delete(ticket)) return void socket.end("HTTP/1.1 408 Request Timeout\r\n\r\n");
    wss.handleUpgrade(request, socket, head, (client) => {
      sockets.add(client);
      count += 1;
      most = Math.max(most, open().length);
      client.on("close", () => sockets.delete(client));
      client.on("error", () => undefined);
      client.on("message", (data: Buffer) => {
        const { envelope_id: id } = JSON.parse(data.toString("utf8")) as { envelope_id?: string };
        if (id !== undefined) acked.set(id, performance.now());
      });
      const hello = {
        type: "hello",
        num_connections: sockets.size,
        debug_info: { host: "applink-1", build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: world.appId },
      };
      client.send(JSON.stringify(hello));
    });
  });
  const open = () => [...sockets].filter((client) => client.readyState === client.OPEN);
  const newest = () => open().at(-1);
  return {
    open(origin) {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `${origin.replace(/^http/, "ws")}/link/?ticket=${ticket}&app_id=${world.appId}`;
    },
    async send({ envelope_id: id = randomUUID(), ...rest }) {
      acked.delete(id);
      const began = performance.now();
      for (let attempt = 0; ; attempt++) {
        const client = await waitFor(newest, { what: "a socket" });
        const retry = attempt === 0 ? {} : { retry_attempt: attempt, retry_reason: "socket_closed" };
        client.send(JSON.stringify({ envelope_id: id, accepts_response_payload: false, ...retry, ...rest }));
        const isOver = () => acked.has(id) || client.readyState !== client.OPEN;
        await waitFor(isOver, { what: `the acknowledgement of ${id}`, intervalMs: 2 });
        const at = acked.get(id);
        if (at !== undefined) return at - began;
      }
    },
    disconnect(reason) {
      const message = { type: "disconnect", reason, debug_info: { host: "applink-1" } };
      for (const client of sockets) client.send(JSON.stringify(message));
    },
    drop: () => {
      for (const client of sockets) client.terminate();
    },
    connected: () => open().length,
    most: () => most,
    count: () => count,
    close() {
      for (const client of sockets) client.terminate();
      wss.close();
    },
  };
}
