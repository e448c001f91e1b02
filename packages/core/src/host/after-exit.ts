import type { EventEmitter } from "node:events";
import type { Readable } from "node:stream";

/** Silence for this long after the exit means that whoever still holds the output isn't writing to it for us. */
const QUIET_MS = 150;
/** And that a program which goes on writing is not waited for. */
const MAX_MS = 2_000;

interface Ended extends EventEmitter {
  stdout: Readable | null;
  stderr: Readable | null;
}

/**
 * A program is over when it exits, not when its output ends: what it left running (ssh's ControlPersist, a daemon, `cmd &`)
 * may hold that open for hours. From the exit on, its output is read until it ends or falls silent, then let go.
 * Returns a function that stops waiting.
 */
export function letGoAfterExit(child: Ended): () => void {
  const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream !== null);
  let timer: NodeJS.Timeout | undefined;
  let lastMs = 0;
  const heard = () => {
    lastMs = performance.now();
  };
  const letGo = () => {
    for (const stream of streams) if (!stream.readableEnded) stream.destroy();
  };
  child.once("exit", () => {
    heard();
    const endMs = lastMs + MAX_MS;
    for (const stream of streams) stream.on("data", heard);
    const look = () => {
      timer = setTimeout(() => {
        // A timer of a busy process comes before what lies in the pipe: that is read first.
        setImmediate(() => {
          const now = performance.now();
          if (streams.every((stream) => stream.readableEnded || stream.destroyed)) return;
          if (now - lastMs >= QUIET_MS || now >= endMs) letGo();
          else look();
        });
      }, QUIET_MS / 3);
    };
    look();
  });
  return () => clearTimeout(timer);
}
