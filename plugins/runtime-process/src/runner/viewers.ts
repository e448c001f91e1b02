import type { Socket } from "node:net";
import { ANSWERS, isAutomatic, type Question, type TerminalModes, withoutQuestions } from "../modes.ts";
import { type ExitRecord, writeLine } from "../wire.ts";
import type { Program } from "./program.ts";
import { readTail } from "./tail-file.ts";
import type { Time } from "./time.ts";

/** The terminals that are attached now. */
export interface Viewers {
  attach(viewer: Socket, columns: number, rows: number): void;
  resize(viewer: Socket, columns: number, rows: number): void;
  leave(viewer: Socket): void;
  /** Keys of a viewer. Answers whether a human pressed them. */
  type(keys: Buffer): boolean;
  show(bytes: Buffer): void;
  /** The program paints because a viewer came, left or changed its size: no work of its own. */
  isRepainting(): boolean;
  /** Prints to the viewers only, not to the record of the output. */
  ring(text: string): void;
  /** Stands in for a terminal while none is attached. */
  answer(questions: readonly Question[]): void;
  end(exit: ExitRecord): void;
}

const REPLAY_BYTES = 96 * 1024;
const REPAINT_MS = 300;
/** A viewer that is so far behind is let go: it must never hold up the agent, nor our memory. */
const MAX_BEHIND = 1024 * 1024;

export interface Scene {
  program: Program;
  modes: TerminalModes;
  dir: string;
  time: Time;
}

export function viewers({ program, modes, dir, time }: Scene): Viewers {
  const sizes = new Map<Socket, { columns: number; rows: number }>();
  let resizedAt = Number.NEGATIVE_INFINITY;

  /** The smallest in each direction: everybody sees everything. The last size stays when the last viewer leaves. */
  function fit(isNew: boolean): void {
    if (sizes.size === 0) return;
    resizedAt = time.monotonic();
    const columns = Math.min(...[...sizes.values()].map((size) => size.columns));
    const rows = Math.min(...[...sizes.values()].map((size) => size.rows));
    // A full-screen program paints anew when its size changes, and the replay alone may be half a picture.
    if (isNew) program.resize(columns, Math.max(1, rows - 1));
    program.resize(columns, rows);
  }

  function send(viewer: Socket, bytes: Buffer): void {
    if (viewer.writableLength > MAX_BEHIND) viewer.destroy();
    else writeLine(viewer, { ev: "data", bytes: bytes.toString("base64") });
  }

  return {
    attach(viewer, columns, rows) {
      sizes.set(viewer, { columns, rows });
      const old = withoutQuestions(readTail(dir, REPLAY_BYTES).toString("latin1"));
      send(viewer, Buffer.from(old + modes.restore(), "latin1"));
      fit(true);
    },
    resize(viewer, columns, rows) {
      if (!sizes.has(viewer)) return;
      sizes.set(viewer, { columns, rows });
      fit(false);
    },
    leave(viewer) {
      if (sizes.delete(viewer)) fit(false);
    },
    type(keys) {
      program.write(keys).catch(() => undefined); // The program is ending: its exit tells.
      return !isAutomatic(keys.toString("latin1"));
    },
    show(bytes) {
      for (const viewer of sizes.keys()) send(viewer, bytes);
    },
    isRepainting: () => time.monotonic() - resizedAt < REPAINT_MS,
    ring(text) {
      for (const viewer of sizes.keys()) send(viewer, Buffer.from(`\u0007\u001b]9;${text}\u001b\\`));
    },
    answer(questions) {
      if (sizes.size > 0 || !program.hasTerminal) return;
      for (const question of questions) program.write(ANSWERS[question]).catch(() => undefined); // As above.
    },
    end(exit) {
      for (const viewer of sizes.keys()) writeLine(viewer, { ev: "exit", exit });
    },
  };
}
