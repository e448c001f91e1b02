import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export type Message = Record<string, unknown>;

export interface AgentProcess {
  send(message: Message): void;
  /** With its exit status and signal, once its output has been read; or why it could not be started. */
  ended: Promise<AgentEnd>;
  end(signal: NodeJS.Signals): void;
}

export interface AgentEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  trouble: string | null;
}

export interface ProcessEvents {
  onMessage(message: Message): void;
  /** A line on its stderr, or one on its stdout that is no message: agents print banners there. */
  onNoise(line: string): void;
}

/** For what was written before the end. */
const DRAIN_MS = 500;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the agent; its stdin and stdout carry one JSON message a line. */
export function startAgent(
  [program = "", ...words]: readonly string[],
  cwd: string,
  events: ProcessEvents,
): AgentProcess {
  const child: Child = spawn(program, words, { cwd, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<AgentEnd>((done) => {
    child.once("error", (error) => done({ code: null, signal: null, trouble: error.message }));
    child.once("close", (code, signal) => done({ code, signal, trouble: null }));
    // What it left running may hold its output open for ever.
    child.once("exit", (code, signal) => setTimeout(() => done({ code, signal, trouble: null }), DRAIN_MS));
  });
  child.stdin.on("error", () => undefined); // It has gone; `close` says so.
  lines(child.stderr, events.onNoise);
  lines(child.stdout, (line) => {
    const message = parse(line);
    if (message !== null) events.onMessage(message);
    else events.onNoise(line);
  });
  return {
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    ended,
    end: (signal) => void child.kill(signal),
  };
}

/** Split at line feeds only: JSON may hold the other line ends of Unicode. */
function lines(input: Readable, onLine: (line: string) => void): void {
  let rest: string[] = [];
  input.setEncoding("utf8");
  input.on("data", (chunk: string) => {
    const [first = "", ...more] = chunk.split("\n");
    rest.push(first);
    for (const line of more) {
      onLine(rest.join(""));
      rest = [line];
    }
  });
  input.on("end", () => onLine(rest.join("")));
}

function parse(line: string): Message | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Message) : null;
  } catch {
    return null; // Words, not a message.
  }
}
