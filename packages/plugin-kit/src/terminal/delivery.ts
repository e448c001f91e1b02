import { closeSync, fdatasyncSync, writeSync } from "node:fs";
import { join } from "node:path";
import { OPEN, realFs } from "@agent-orchestrator/core/host/fs-port";
import { putFile } from "../files/folders.ts";
import { readIfThere, writeWhole } from "../files/whole.ts";
import { chooseWay, fileLine, type PasteWay } from "../message.ts";
import { BRACKETED_PASTE, type TerminalModes } from "./modes.ts";
import type { Readiness } from "./readiness.ts";

/** What a message is written to. */
export interface TypedProgram {
  hasTerminal: boolean;
  /** False if it has closed its input, or got all of it at the launch. */
  takesInput(): boolean;
  /** Resolves when the program's side has read the bytes, or after a while. They stay in order either way. */
  write(bytes: string | Buffer): Promise<void>;
}

export interface Outgoing {
  /** Null if it can't be distinguished from another one. Then it is always written. */
  messageId: string | null;
  /** Without control characters. */
  text: string;
  paste: PasteWay | null;
}

export type Sent = "written" | "before" | "cancelled" | "gone" | "closed";

/** A message that is typed piece by piece. Until it is released, no other message is written. */
export interface Typing {
  piece(text: string): Promise<void>;
  enter(): Promise<void>;
  /** It does not count as written. What was typed so far is a draft. */
  withdraw(): void;
  release(): void;
}

export interface Delivery {
  /** `signal` withdraws it unless its first byte has been written. */
  send(message: Outgoing, signal: AbortSignal): Promise<Sent>;
  /** Starts a message that somebody else types. Its id counts as written from now on. */
  type(messageId: string | null, signal: AbortSignal): Promise<Typing | Exclude<Sent, "written">>;
  /** The program ended, so waiting messages are not written any more. */
  stop(): void;
}

export interface DeliveryParts {
  program: TypedProgram;
  modes: TerminalModes;
  readiness: Readiness;
  /** Where the ids of written messages are kept. */
  dir: string;
  /** Where the program finds the messages that are too long to type. Default: in `dir`. */
  messagesDir?: string;
  paste: Outgoing["paste"];
}

/** A program must see the end of the paste before it sees the Enter. */
const BEFORE_ENTER_MS = 50;

/** Writes one message after the other, each id exactly once. The id is on disk before the first byte is written. */
export function delivery(parts: DeliveryParts): Delivery {
  const written = new Set((readIfThere(join(parts.dir, "written")) ?? "").split("\n").filter(Boolean));
  let isGone = false;
  let wakeAll: () => void = () => undefined;
  const gone = new Promise<void>((wake) => {
    wakeAll = wake;
  });
  const inTurn = queue();
  const ready = new Promise<void>((wake) => parts.readiness.onReady(wake));

  /** Whether this message may be written now. If so, its id is noted. */
  async function begin(messageId: string | null, signal: AbortSignal): Promise<Sent> {
    if (messageId !== null && written.has(messageId)) return "before";
    await Promise.race([ready, gone, aborted(signal)]);
    if (isGone) return "gone";
    if (signal.aborted) return "cancelled";
    if (!parts.program.takesInput()) return "closed";
    if (messageId !== null) {
      remember(parts.dir, messageId);
      written.add(messageId);
    }
    return "written";
  }

  async function sendNow(message: Outgoing, signal: AbortSignal): Promise<Sent> {
    const outcome = await begin(message.messageId, signal);
    if (outcome === "written") await type(parts, message);
    return outcome;
  }

  async function typeNow(messageId: string | null, signal: AbortSignal): Promise<Begun> {
    const outcome = await begin(messageId, signal);
    if (outcome !== "written") return { result: outcome, ended: Promise.resolve() };
    return typing(parts, () => {
      if (messageId === null) return;
      written.delete(messageId);
      forget(parts.dir, written);
    });
  }

  return {
    send: (message, signal) =>
      inTurn(
        () => sendNow(message, signal),
        () => undefined,
      ),
    async type(messageId, signal) {
      const begun = await inTurn(
        () => typeNow(messageId, signal),
        ({ ended }) => Promise.race([ended, gone]),
      );
      return begun.result;
    },
    stop() {
      isGone = true;
      wakeAll();
    },
  };
}

/** One task after the other. The next one waits for `until`, too. */
function queue() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>, until: (result: T) => Promise<unknown> | undefined): Promise<T> => {
    const result = last.then(task);
    last = result.then(until).catch(() => undefined); // Its own caller gets the error.
    return result;
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    if (signal.aborted) wake();
    signal.addEventListener("abort", () => wake(), { once: true });
  });
}

function remember(dir: string, messageId: string): void {
  const fd = realFs.open(join(dir, "written"), OPEN.append, 0o600);
  try {
    writeSync(fd, `${messageId}\n`);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

interface Begun {
  result: Typing | Exclude<Sent, "written">;
  ended: Promise<void>;
}

function typing({ program }: DeliveryParts, withdraw: () => void): Begun {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((done) => {
    end = done;
  });
  const result: Typing = {
    piece: (text) => program.write(text),
    enter: () => program.write(program.hasTerminal ? "\r" : "\n"),
    withdraw,
    release: () => end(),
  };
  return { result, ended };
}

function forget(dir: string, left: ReadonlySet<string>): void {
  writeWhole(join(dir, "written"), [...left].map((id) => `${id}\n`).join(""));
}

async function type(parts: DeliveryParts, message: Outgoing): Promise<void> {
  const { program, modes, paste, messagesDir = join(parts.dir, "messages") } = parts;
  const enter = program.hasTerminal ? "\r" : "\n";
  const wanted = message.paste ?? paste;
  const best = chooseWay(message.text, modes.has(BRACKETED_PASTE));
  // `line` can't be used for what does not fit into one line.
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
  const line = how === "line" ? message.text : fileLine(keepMessage(messagesDir, message));
  await program.write(program.hasTerminal ? line : line + enter);
  if (!program.hasTerminal) return;
  await new Promise((resume) => setTimeout(resume, BEFORE_ENTER_MS));
  await program.write(enter);
}

let unnamed = 0;

function keepMessage(folder: string, { messageId, text }: Outgoing): string {
  const name = messageId?.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 80) ?? `unnamed-${++unnamed}`;
  const file = join(folder, `${name}.txt`);
  putFile(file, text);
  return file;
}
