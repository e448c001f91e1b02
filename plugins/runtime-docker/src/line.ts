import type { Duplex } from "node:stream";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { type Delivery, delivery } from "@agent-orchestrator/plugin-kit/terminal/delivery";
import { drained } from "@agent-orchestrator/plugin-kit/terminal/drained";
import { ANSWERS, terminalModes } from "@agent-orchestrator/plugin-kit/terminal/modes";
import { readiness } from "@agent-orchestrator/plugin-kit/terminal/readiness";
import { inspectContainer, isRunning, processOf } from "./container.ts";
import type { Engine } from "./engine.ts";
import { placesOf, type Run } from "./layout.ts";
import { hasViewers } from "./viewers.ts";

export type Hint = "output" | "ready";

/** The connection to one running program: what it prints, and what is typed to it. */
export interface Line {
  delivery: Delivery;
  isReady(): boolean;
  write(bytes: string): Promise<void>;
  /** Returns how to leave. */
  listen(listener: (hint: Hint) => void): () => void;
  /** Resolves when the program or the connection has ended. */
  ended: Promise<void>;
  close(): void;
}

/** Our own end never sends it, and attached terminals leave by it: so the engine looks for no other keys. */
export const ENGINE_DETACH_KEYS = "ctrl-]";

/** Null if the program does not run. */
export async function openLine(engine: Engine, run: Run, context: PluginContext): Promise<Line | null> {
  const found = await inspectContainer(engine, run);
  if (!isRunning(found)) return null;
  const stream = await engine.ask(
    async (client) =>
      (await client.getContainer(run.key).attach({
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        hijack: true,
        detachKeys: ENGINE_DETACH_KEYS,
      })) as Duplex,
  );
  const modes = terminalModes();
  const program = {
    pid: processOf(found).pid,
    hasTerminal: true,
    takesInput: () => !stream.destroyed && stream.writable,
    write: (bytes: string | Buffer) => drained((done) => stream.write(bytes, () => done())),
  };
  const ready = readiness(program, modes, context.clock);
  const parts = { program, modes, readiness: ready, paste: run.paste };
  const messages = delivery({ ...parts, dir: run.dir, messagesDir: placesOf(run).messages });
  const hints = listeners();
  const ended = endOf(stream).then(() => {
    ready.stop();
    messages.stop();
  });
  await hear(stream, {
    old: () => oldOutput(engine, run),
    onOld(bytes) {
      modes.watch(bytes.toString("latin1"));
      ready.noteOutput();
    },
    onNew(bytes) {
      const asked = modes.watch(bytes.toString("latin1"));
      ready.noteOutput();
      hints.tell("output");
      // A terminal answers its program. While none is attached, we do.
      if (asked.length > 0 && !hasViewers(run)) for (const question of asked) stream.write(ANSWERS[question]);
    },
  });
  ready.onReady(() => hints.tell("ready"));
  return {
    delivery: messages,
    isReady: () => ready.isReady(),
    write: (bytes) => program.write(bytes),
    listen: hints.listen,
    ended,
    close: () => stream.destroy(),
  };
}

function listeners() {
  const all = new Set<(hint: Hint) => void>();
  return {
    tell(hint: Hint): void {
      for (const listener of all) listener(hint);
    },
    listen(listener: (hint: Hint) => void): () => void {
      all.add(listener);
      return () => void all.delete(listener);
    },
  };
}

function endOf(stream: Duplex): Promise<void> {
  return new Promise((done) => {
    for (const event of ["end", "close", "error"]) stream.once(event, done);
  }).then(() => void stream.destroy());
}

interface Hearing {
  old(): Promise<Buffer>;
  onOld(bytes: Buffer): void;
  onNew(bytes: Buffer): void;
}

/** What was printed before first, although the connection is made before it is read: so nothing is missed in between. */
async function hear(stream: Duplex, { old, onOld, onNew }: Hearing): Promise<void> {
  const early: Buffer[] = [];
  let isCaughtUp = false;
  stream.on("data", (bytes: Buffer) => (isCaughtUp ? onNew(bytes) : early.push(bytes)));
  const before = await old();
  if (before.length > 0) onOld(before);
  isCaughtUp = true;
  for (const bytes of early) onNew(bytes);
}

/** What is kept of its output. `lines`: only the last of them. */
export async function oldOutput(engine: Engine, run: Run, lines?: number): Promise<Buffer> {
  const kept = await engine.find((client) =>
    client.getContainer(run.key).logs({
      follow: false,
      stdout: true,
      stderr: true,
      ...(lines === undefined ? {} : { tail: lines }),
    }),
  );
  return kept === null ? Buffer.alloc(0) : Buffer.from(kept);
}
