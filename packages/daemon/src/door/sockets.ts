import { WebSocket, WebSocketServer } from "ws";
import type { App } from "../app.ts";
import type { Passes } from "./passes.ts";
import type { Opening } from "./server.ts";
import { CLOSE, TALK_MAX_MESSAGE, talk } from "./talk.ts";
import { createTerminals, TERMINAL_MAX_MESSAGE } from "./terminals.ts";

/** Of all pages together. */
const MAX_SOCKETS = 200;
/** A browser that says nothing from one ping to the next is gone, as after a laptop slept. A slow one gets the ping behind all else. */
const PING_MS = 60_000;

export interface Sockets {
  open(opening: Opening): void;
  closeAll(): void;
  /** Sockets that are open now. */
  count(): number;
}

/** The WebSockets of all pages. Those of a token that was revoked are closed. */
export function createSockets(app: App, passes: Passes): Sockets {
  const holders = new Map<WebSocket, string>();
  const alive = new WeakSet<WebSocket>();
  const options = { noServer: true, perMessageDeflate: false } as const;
  const talks = new WebSocketServer({ ...options, maxPayload: TALK_MAX_MESSAGE });
  const views = new WebSocketServer({ ...options, maxPayload: TERMINAL_MAX_MESSAGE });
  const terminals = createTerminals(app);
  passes.onRevoked((holder) => {
    for (const [socket, own] of holders) if (own === holder) socket.close(CLOSE.revoked, "logged out");
  });

  const accept = (socket: WebSocket, { path, query, holder }: Opening) => {
    holders.set(socket, holder);
    alive.add(socket);
    for (const sign of ["pong", "message"]) socket.on(sign, () => alive.add(socket));
    socket.on("close", () => holders.delete(socket));
    socket.on("error", () => socket.terminate()); // Its close event follows.
    if (path === "/api/terminal") terminals.open(socket, query);
    else talk(app, socket);
    if (holders.size === 1) void keepPinging();
  };

  async function keepPinging(): Promise<void> {
    while (holders.size > 0) {
      await app.world.clock.sleep(PING_MS, app.stopping).catch(() => undefined); // The daemon stops.
      if (app.stopping.aborted) return;
      for (const socket of holders.keys()) {
        if (!alive.delete(socket)) socket.terminate();
        else if (socket.readyState === WebSocket.OPEN) socket.ping();
      }
    }
  }

  return {
    open(opening) {
      if (holders.size >= MAX_SOCKETS) return void opening.socket.destroy();
      const server = opening.path === "/api/terminal" ? views : talks;
      server.handleUpgrade(opening.request, opening.socket, opening.head, (socket) => accept(socket, opening));
    },
    closeAll() {
      for (const socket of holders.keys()) socket.terminate();
    },
    count: () => holders.size,
  };
}
