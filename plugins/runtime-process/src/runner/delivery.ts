import { appendFileSync, closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { chooseWay, fileLine, type PasteWay } from "@agent-orchestrator/plugin-kit/message";
import { BRACKETED_PASTE, type TerminalModes } from "../modes.ts";
import type { Program } from "./program.ts";
import type { Readiness } from "./readiness.ts";

export interface Outgoing {
  /** null: cannot be told from another one, so it is always written. */
  messageId: string | null;
  /** Free of control characters. */
  text: string;
  paste: PasteWay | null;
}

export type Sent = "written" | "before" | "cancelled" | "gone" | "closed";

export interface Delivery {
  /** `signal` withdraws it, unless its first byte has gone out. */
  send(message: Outgoing, signal: AbortSignal): Promise<Sent>;
  /** The program ended: what waits is not written any more. */
  stop(): void;
}

export interface DeliveryParts {
  program: Program;
  modes: TerminalModes;
  readiness: Readiness;
  dir: string;
  paste: Outgoing["paste"];
}

/** A program must see that the paste is over before it sees the Enter. */
const BEFORE_ENTER_MS = 50;

/** One message after the other, each exactly once by its id: the id is on disk before the first byte goes out. */
export function delivery(parts: DeliveryParts): Delivery {
  const written = new Set<string>();
  let isGone = false;
  let wakeAll: () => void = () => undefined;
  const gone = new Promise<void>((wake) => {
    wakeAll = wake;
  });
  let last: Promise<unknown> = Promise.resolve();
  const ready = new Promise<void>((wake) => parts.readiness.onReady(wake));

  async function sendNow(message: Outgoing, signal: AbortSignal): Promise<Sent> {
    if (message.messageId !== null && written.has(message.messageId)) return "before";
    await Promise.race([ready, gone, aborted(signal)]);
    if (isGone) return "gone";
    if (signal.aborted) return "cancelled";
    if (!parts.program.takesInput()) return "closed";
    if (message.messageId !== null) {
      remember(parts.dir, message.messageId);
      written.add(message.messageId);
    }
    await type(parts, message);
    return "written";
  }

  return {
    send(message, signal) {
      const result = last.then(() => sendNow(message, signal));
      last = result.catch(() => undefined); // Its own caller hears of the failure.
      return result;
    },
    stop() {
      isGone = true;
      wakeAll();
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    if (signal.aborted) wake();
    signal.addEventListener("abort", () => wake(), { once: true });
  });
}

function remember(dir: string, messageId: string): void {
  const fd = openSync(join(dir, "written"), "a", 0o600);
  try {
    writeSync(fd, `${messageId}\n`);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function type({ program, modes, dir, paste }: DeliveryParts, message: Outgoing): Promise<void> {
  const enter = program.hasTerminal ? "\r" : "\n";
  const wanted = message.paste ?? paste;
  const best = chooseWay(message.text, modes.has(BRACKETED_PASTE));
  // `line` cannot carry what does not fit into one.
  const how = wanted === "line" ? chooseWay(message.text, false) : (wanted ?? best);
  if (message.text === "") {
    await program.write(enter);
    return;
  }
  if (how === "bracketed") {
    await program.write(`\u001b[200~${message.text}\u001b[201~`);
    await new Promise((resume) => setTimeout(resume, BEFORE_ENTER_MS));
    return await program.write(enter);
  }
  const line = how === "line" ? message.text : fileLine(keepMessage(dir, message));
  await program.write(program.hasTerminal ? line : line + enter);
  if (!program.hasTerminal) return;
  await new Promise((resume) => setTimeout(resume, BEFORE_ENTER_MS));
  await program.write(enter);
}

let unnamed = 0;

function keepMessage(dir: string, { messageId, text }: Outgoing): string {
  const folder = join(dir, "messages");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = messageId?.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 80) ?? `unnamed-${++unnamed}`;
  const file = join(folder, `${name}.txt`);
  appendFileSync(file, text, { mode: 0o600, flag: "w" });
  return file;
}
