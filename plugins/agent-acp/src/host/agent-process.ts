import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export type Message = Record<string, unknown>;

export interface AgentProcess {
  send(message: Message): void;
  /** Its exit status and signal, once its output has been read, or why it could not be started. */
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
  /** A line on its stderr, or one on its stdout that is not a message, because agents print banners there. */
  onNoise(line: string): void;
}

/** Time to read what was written before the end. */
const DRAIN_MS = 500;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the agent. Its stdin and stdout carry one JSON message per line. */
export function startAgent(
  [program = "", ...words]: readonly string[],
  cwd: string,
  events: ProcessEvents,
): AgentProcess {
  const child: Child = spawn(program, words, { cwd, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<AgentEnd>((done) => {
    child.once("error", (error) => done({ code: null, signal: null, trouble: error.message }));
    child.once("close", (code, signal) => done({ code, signal, trouble: null }));
    // Programs that it left running may keep its output open indefinitely.
    child.once("exit", (code, signal) => setTimeout(() => done({ code, signal, trouble: null }), DRAIN_MS));
  });
  child.stdin.on("error", () => undefined); // It has ended, which `close` reports.
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

/** Splits only at line feeds, because JSON may contain Unicode's other line endings. */
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
    return null; // Text, not a message.
  }
}
