import type { WebSocket } from "ws";
import type { App } from "../app.ts";

export const TERMINAL_MAX_MESSAGE = 64 * 1024;

export function terminal(_app: App, socket: WebSocket, _query: URLSearchParams): void {
  socket.send(JSON.stringify({ type: "error", message: "terminals come soon" }));
  socket.close();
}
