import type { TerminalPicture } from "@agent-orchestrator/core/slots/terminal-view";
import { WebSocket } from "ws";

/** What one viewer may have unread, here and on the way. */
export const MAX_HELD = 1024 * 1024;
/** A viewer that was too slow gets a new picture when it has read all but this much. */
const CAUGHT_UP = 128 * 1024;

/** What a viewer is told besides the terminal's own bytes, which are binary messages. */
export type ViewerMessage =
  /** Reset the terminal to this size. The next binary message draws what it shows now. */
  | { type: "screen"; cols: number; rows: number }
  /** The program has ended. */
  | { type: "end" }
  | { type: "error"; code: string; message: string; hint?: string };

/**
 * One browser that looks at a terminal. Whoever reads too slowly misses output instead of having it kept here, and gets the picture as it is
 * later.
 */
export class TerminalViewer {
  readonly #socket: WebSocket;
  #state: "waiting" | "live" | "behind" = "waiting";
  #unread = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get needsPicture(): boolean {
    return this.#state === "waiting";
  }

  /** What this viewer has not confirmed. */
  get unread(): number {
    return this.#unread;
  }

  /** What it sees is no longer right. */
  invalidate(): void {
    if (this.#state === "live") this.#state = this.#unread <= CAUGHT_UP ? "waiting" : "behind";
  }

  show({ bytes, size }: TerminalPicture): void {
    if (this.#state !== "waiting") return;
    this.tell({ type: "screen", cols: size.columns, rows: size.rows });
    this.#state = "live";
    this.#send(bytes);
  }

  output(bytes: Uint8Array): void {
    if (this.#state !== "live") return;
    if (this.#unread + bytes.length > MAX_HELD) this.#state = "behind";
    else this.#send(bytes);
  }

  /** Returns whether it has caught up, and needs a picture now. */
  confirm(bytes: number): boolean {
    this.#unread = Math.max(0, this.#unread - bytes);
    if (this.#state !== "behind" || this.#unread > CAUGHT_UP) return false;
    this.#state = "waiting";
    return true;
  }

  tell(message: ViewerMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  end(): void {
    this.tell({ type: "end" });
    this.#socket.close(1000);
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#unread += bytes.length;
    this.#socket.send(bytes);
  }
}
