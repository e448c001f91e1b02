/**
 * Shows one container in this terminal: `node docker-attach-entry.js <engine> <container> <detach key> <name> <folder>`. Exits with the
 * detach key, or when the program ends, and restores the terminal. In the folder it notes that somebody looks, and types.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAutomatic, terminalModes, withoutQuestions } from "@agent-orchestrator/plugin-kit/terminal/modes";
import { rawEngine } from "./raw-engine.ts";
import { viewersDir, viewersIn } from "./viewers.ts";

const [address = "", container = "", detachKey = "C-]", name = "the agent", dir = ""] = process.argv.slice(2);
const { stdin, stdout, stderr } = process;
const letter = detachKey.slice(-1);
const detachByte = letter.toUpperCase().charCodeAt(0) & 0x1f;
/** The same key, as terminals with the newer keyboard protocol send it. */
const detachSequence = `\u001b[${letter.toLowerCase().charCodeAt(0)};5u`;
const OWN_SIZE = { columns: 120, rows: 40 };
const REPLAY_LINES = 1_000;
const REPLAY_BYTES = 96 * 1024;
const engine = rawEngine(address);
const modes = terminalModes();
const mark = join(viewersDir(dir), String(process.pid));
const size = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });

/** However it exits, it turns off the modes that the program turned on in this terminal. */
function leave(word: string, status = 0): never {
  if (stdout.isTTY) stdout.write(`${modes.undo()}\r\n`);
  if (stdin.isTTY) stdin.setRawMode(false);
  stderr.write(`[${word}]\n`);
  rmSync(mark, { force: true });
  if (viewersIn(dir).length > 0) process.exit(status);
  engine.resize(container, OWN_SIZE);
  setTimeout(() => process.exit(status), 50);
  throw new Error("leaving");
}

function noteTyping(): void {
  try {
    writeFileSync(join(dir, "typed"), String(Date.now()), { mode: 0o600 });
  } catch {
    // The session is being removed.
  }
}

async function show(): Promise<void> {
  mkdirSync(viewersDir(dir), { recursive: true, mode: 0o700 });
  writeFileSync(mark, "");
  const socket = await engine.attach(container).catch(() => leave(`${name} cannot be reached`, 69));
  const old = (await engine.output(container, REPLAY_LINES)).toString("latin1");
  modes.watch(old);
  stdout.write(Buffer.from(withoutQuestions(old.slice(-REPLAY_BYTES)) + modes.restore(), "latin1"));
  socket.on("data", (bytes: Buffer) => {
    modes.watch(bytes.toString("latin1"));
    stdout.write(bytes);
  });
  socket.on("error", () => leave(`the connection to ${name} was lost`, 1));
  socket.on("close", () => leave(`${name} has ended`));
  // A full-screen program redraws when its size changes. What was printed last may be an incomplete screen.
  engine.resize(container, { ...size(), rows: Math.max(1, size().rows - 1) });
  setTimeout(() => engine.resize(container, size()), 50);
  stdout.on("resize", () => engine.resize(container, size()));
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", (bytes: Buffer) => {
    const text = bytes.toString("latin1");
    const ends = [text.indexOf(String.fromCharCode(detachByte)), text.indexOf(detachSequence)].filter((at) => at >= 0);
    const end = ends.length === 0 ? bytes.length : Math.min(...ends);
    const keys = bytes.subarray(0, end);
    if (keys.length > 0) socket.write(keys);
    if (!isAutomatic(keys.toString("latin1"))) noteTyping();
    if (ends.length > 0) leave(`detached; ${name} goes on`);
  });
}

stdout.on("error", () => leave("the terminal closed", 1));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => leave(`detached; ${name} goes on`));
process.on("uncaughtException", (error) => {
  if (error.message !== "leaving") {
    stderr.write(`${error.message}\n`);
    process.exit(1);
  }
});
await show();
