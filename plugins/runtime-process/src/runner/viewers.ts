import type { Socket } from "node:net";
import {
  ANSWERS,
  isAutomatic,
  type Question,
  type TerminalModes,
  withoutQuestions,
} from "@agent-orchestrator/plugin-kit/terminal/modes";
import { type ExitRecord, writeLine } from "../wire.ts";
import type { Program } from "./program.ts";
import { readTail } from "./tail-file.ts";
import { OWN_SIZE } from "./terminal.ts";
import type { Time } from "./time.ts";

/** The attached terminals. */
export interface Viewers {
  attach(viewer: Socket, columns: number, rows: number): void;
  /** Shows it the terminal as it is, again each time it asks. Its own size counts only once it sets one. */
  look(viewer: Socket): void;
  resize(viewer: Socket, columns: number, rows: number): void;
  leave(viewer: Socket): void;
  /** Passes on a viewer's keys. Returns whether a person pressed them. */
  type(keys: Buffer): boolean;
  show(bytes: Buffer): void;
  /** The program redraws because a viewer came, left or changed its size. That is not its own work. */
  isRepainting(): boolean;
  /** Prints to the viewers only, not to the record of the output. */
  ring(text: string): void;
  /** Replaces a terminal while none is attached. */
  answer(questions: readonly Question[]): void;
  end(exit: ExitRecord): void;
}

const REPLAY_BYTES = 96 * 1024;
const REPAINT_MS = 300;
/** A viewer this far behind is disconnected, so that it neither holds up the agent nor fills our memory. */
const MAX_BEHIND = 1024 * 1024;

export interface Scene {
  program: Program;
  modes: TerminalModes;
  dir: string;
  time: Time;
}

export function viewers({ program, modes, dir, time }: Scene): Viewers {
  const sizes = new Map<Socket, { columns: number; rows: number }>();
  const lookers = new Set<Socket>();
  let now: { columns: number; rows: number } = OWN_SIZE;
  let resizedAt = Number.NEGATIVE_INFINITY;

  /** The smallest width and height, so that everybody sees everything. Without viewers, the session's own size. */
  function fit(isNew: boolean): void {
    resizedAt = time.monotonic();
    const all = sizes.size === 0 ? [OWN_SIZE] : [...sizes.values()];
    const columns = Math.min(...all.map((size) => size.columns));
    const rows = Math.min(...all.map((size) => size.rows));
    // A full-screen program redraws when its size changes. The replay alone may be an incomplete screen.
    if (isNew) program.resize(columns, Math.max(1, rows - 1));
    program.resize(columns, rows);
    if (columns === now.columns && rows === now.rows) return;
    now = { columns, rows };
    for (const looker of lookers) writeLine(looker, { ev: "size" });
  }

  const everybody = (): Set<Socket> => new Set([...sizes.keys(), ...lookers]);

  const replay = (): Buffer => replayOf(dir, modes);

  return {
    attach(viewer, columns, rows) {
      sizes.set(viewer, { columns, rows });
      send(viewer, replay());
      fit(true);
    },
    look(viewer) {
      lookers.add(viewer);
      writeLine(viewer, { ev: "picture", bytes: replay().toString("base64"), ...now });
    },
    resize(viewer, columns, rows) {
      if (!sizes.has(viewer) && !lookers.has(viewer)) return;
      sizes.set(viewer, { columns, rows });
      fit(false);
    },
    leave(viewer) {
      lookers.delete(viewer);
      if (sizes.delete(viewer)) fit(false);
    },
    type(keys) {
      program.write(keys).catch(() => undefined); // The program is ending. Its exit shows that.
      return !isAutomatic(keys.toString("latin1"));
    },
    show(bytes) {
      for (const viewer of everybody()) send(viewer, bytes);
    },
    isRepainting: () => time.monotonic() - resizedAt < REPAINT_MS,
    ring(text) {
      for (const viewer of sizes.keys()) send(viewer, Buffer.from(`\u0007\u001b]9;${text}\u001b\\`));
    },
    answer(questions) {
      // Whoever only looks has no terminal that answers.
      if (!program.hasTerminal || [...sizes.keys()].some((viewer) => !lookers.has(viewer))) return;
      for (const question of questions) program.write(ANSWERS[question]).catch(() => undefined); // As above.
    },
    end(exit) {
      for (const viewer of everybody()) writeLine(viewer, { ev: "exit", exit });
    },
  };
}

/** The newest output, and the modes that the program turned on in it or before. */
function replayOf(dir: string, modes: TerminalModes): Buffer {
  const old = withoutQuestions(readTail(dir, REPLAY_BYTES).toString("latin1"));
  return Buffer.from(old + modes.restore(), "latin1");
}

function send(viewer: Socket, bytes: Buffer): void {
  if (viewer.writableLength > MAX_BEHIND) viewer.destroy();
  else writeLine(viewer, { ev: "data", bytes: bytes.toString("base64") });
}
