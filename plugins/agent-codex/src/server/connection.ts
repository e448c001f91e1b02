import { lstatSync } from "node:fs";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { openRpc, type Rpc } from "./rpc.ts";
import type { Frame } from "./wire.ts";

/** The time between two attempts to reach the app server, while it starts and later. */
const STARTING_MS = 100;
const STARTING_FOR_MS = 20_000;
const AGAIN_MS = 2_000;
/** The server treats the first client as the leader of the conversation. That must be its terminal program. */
const OTHERS_FIRST_MS = 600;

export interface ConnectionOptions {
  /** Of the session, for the log. */
  name: string;
  socket: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Called when the connection is up. If it throws, the connection is closed. */
  onUp(rpc: Rpc): Promise<void>;
  onDown(): void;
  onFrame(frame: Frame, rpc: Rpc): void;
}

/** Connects to the app server, and again whenever the connection is lost, until stopped. */
export async function keepConnected(options: ConnectionOptions): Promise<void> {
  const { clock, signal, socket } = options;
  const began = clock.monotonic();
  try {
    while (!signal.aborted) {
      const age = socketAge(socket, clock.now());
      if (age !== null && age < OTHERS_FIRST_MS) await clock.sleep(OTHERS_FIRST_MS - age, signal);
      if (age !== null) await connectOnce(options);
      const isStarting = clock.monotonic() - began < STARTING_FOR_MS;
      await clock.sleep(isStarting ? STARTING_MS : AGAIN_MS, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    options.log.warn(`the link to ${options.name} ended: ${isAoError(error) ? error.message : String(error)}`);
  }
}

/** Until the connection ends. */
async function connectOnce({ name, socket, clock, log, signal, ...on }: ConnectionOptions): Promise<void> {
  let rpc: Rpc | null = null;
  const close = () => rpc?.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    await new Promise<void>((resolve) => {
      const onFrame = (frame: Frame) => {
        if (rpc !== null) on.onFrame(frame, rpc);
      };
      const opening = openRpc({ socket, clock, onFrame, onClose: resolve }).then(async (opened) => {
        rpc = opened;
        if (signal.aborted) close();
        else await on.onUp(opened);
      });
      opening.catch((error: unknown) => {
        log.debug(`the app server of ${name}: ${error instanceof Error ? error.message : String(error)}`);
        if (rpc === null) resolve();
        else close();
      });
    });
  } finally {
    signal.removeEventListener("abort", close);
    if (rpc !== null) on.onDown();
  }
}

/** How long the server's socket has existed, or null if it doesn't. */
function socketAge(socket: string, now: number): number | null {
  const stats = lstatSync(socket, { throwIfNoEntry: false });
  // Don't wait for hours if the clock was set back.
  return stats === undefined ? null : Math.max(0, now - stats.mtimeMs);
}
