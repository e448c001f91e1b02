import { type FSWatcher, watch } from "node:fs";
import { isoNow } from "@agent-orchestrator/core/host/clock";
import type { RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { paced } from "@agent-orchestrator/plugin-kit/terminal/paced";
import { type Found, inspectContainer, isRunning, processOf, untilEnded } from "./container.ts";
import type { Desk } from "./launch.ts";
import type { Run } from "./layout.ts";
import type { Line } from "./line.ts";
import type { Lines } from "./lines.ts";
import { lastOutput } from "./output.ts";
import { forwardSpool } from "./spool.ts";

const LAST_LINES = 20;
/** Between two tries to reach an engine, or a container whose connection has ended. */
const AGAIN_MS = 1_000;
/** The engine notes the end of a container a moment after its output has ended. */
const SETTLE_MS = 2_000;

/** Reports what happens to one program until it has ended, or `stop` is called. */
export function watchRun(run: Run, { desk, lines }: { desk: Desk; lines: Lines }, onFact: (fact: RuntimeFact) => void) {
  const { engine, context } = desk;
  const stopping = new AbortController();
  const { signal } = stopping;
  const hints = paced<"output" | "ready" | "human-input">((kind) => {
    if (!signal.aborted) onFact({ kind, at: isoNow(context.clock) });
  });
  const spool = forwardSpool(run, context, signal);
  const keyboard = watchKeyboard(run, () => hints.hint("human-input"));

  async function listen(line: Line): Promise<void> {
    const leave = line.listen(hints.hint);
    if (line.isReady()) hints.hint("ready");
    const waiting = new AbortController();
    const gone = untilEnded(engine, run, AbortSignal.any([signal, waiting.signal]));
    await Promise.race([line.ended, gone, aborted(signal)]);
    waiting.abort();
    leave();
  }

  async function end(found: Found | null): Promise<void> {
    await spool.drain();
    const at = isoNow(context.clock);
    if (found === null) return onFact({ kind: "lost", at, reason: "its container was removed" });
    const { exit } = processOf(found);
    const output = await lastOutput(engine, { run, found, lines: LAST_LINES });
    onFact({ kind: "exit", at: exit?.at ?? at, exit, lastOutput: output });
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        const line = await lines.of(run);
        if (line !== null) await listen(line);
        const found = await settled(desk, run, signal);
        if (signal.aborted) return;
        if (!isRunning(found)) return await end(found);
      } catch (error) {
        // The engine is being restarted, or stays away. `getProcess` says so.
        context.log.debug("a container can't be watched", { container: run.key, error: String(error) });
      }
      await context.clock.sleep(AGAIN_MS, signal).catch(() => undefined); // Stopped.
    }
  }

  const following = follow();
  return {
    async stop() {
      stopping.abort();
      hints.stop();
      keyboard?.close();
      await Promise.all([following, spool.ended]);
    },
  };
}

/** What the engine says once it has noticed that the output ended. */
async function settled({ engine, context: { clock } }: Desk, run: Run, signal: AbortSignal): Promise<Found | null> {
  const end = clock.monotonic() + SETTLE_MS;
  for (;;) {
    const found = await inspectContainer(engine, run);
    if (!isRunning(found) || signal.aborted || clock.monotonic() > end) return found;
    await clock.sleep(20, signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}

function watchKeyboard(run: Run, onTyped: () => void): FSWatcher | null {
  try {
    return watch(run.dir, (_event, name) => name === "typed" && onTyped()).on("error", () => undefined); // Its folder is gone with it.
  } catch {
    return null; // The same.
  }
}
