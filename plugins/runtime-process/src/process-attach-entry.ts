/**
 * Shows one agent in this terminal: `node process-attach-entry.js <socket> <detach key> <name>`. Exits with the detach key, or
 * when the program ends, and restores the terminal.
 */
import { connect } from "node:net";
import { terminalModes } from "@agent-orchestrator/plugin-kit/terminal/modes";
import { readLines, writeLine } from "./wire.ts";

const [socketPath = "", detachKey = "C-]", name = "the agent"] = process.argv.slice(2);
const { stdin, stdout, stderr } = process;
const letter = detachKey.slice(-1);
const detachByte = letter.toUpperCase().charCodeAt(0) & 0x1f;
/** The same key, as terminals with the newer keyboard protocol send it. */
const detachSequence = `\u001b[${letter.toLowerCase().charCodeAt(0)};5u`;
const modes = terminalModes();
let requests = 0;
let isRaw = false;

const socket = connect(socketPath);
const request = (op: string, members: object): void => writeLine(socket, { ...members, op, id: ++requests });
const size = (): object => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });

/** However it exits, it turns off the modes that the program turned on in this terminal. */
function leave(word: string, status = 0): void {
  if (stdout.isTTY) stdout.write(`${modes.undo()}\r\n`);
  if (isRaw) stdin.setRawMode(false);
  isRaw = false;
  stderr.write(`[${word}]\n`);
  socket.destroy();
  process.exit(status);
}

function type(bytes: Buffer): void {
  const text = bytes.toString("latin1");
  const ends = [text.indexOf(String.fromCharCode(detachByte)), text.indexOf(detachSequence)].filter((at) => at >= 0);
  const end = isRaw ? Math.min(...ends) : Number.POSITIVE_INFINITY;
  const keys = bytes.subarray(0, Math.min(end, bytes.length));
  if (keys.length > 0) request("input", { bytes: keys.toString("base64") });
  if (end !== Number.POSITIVE_INFINITY) leave(`detached; ${name} goes on`);
}

socket.on("connect", () => request("attach", size()));
socket.on("error", () => leave(`${name} cannot be reached`, 69));
socket.on("close", () => leave(`the connection to ${name} was lost`, 1));
readLines(socket, (line) => {
  if (line.re !== undefined) {
    // Without a terminal the program reads whole lines, and this terminal edits and echoes them itself.
    if (line.hasTerminal === true && stdin.isTTY) {
      stdin.setRawMode(true);
      isRaw = true;
    } else if (line.hasTerminal === false) {
      stderr.write("[The agent has no terminal. A line is sent when you press Enter. Ctrl-C leaves.]\n");
    }
    stdin.on("data", type);
  } else if (line.ev === "data") {
    const bytes = Buffer.from(String(line.bytes), "base64");
    modes.watch(bytes.toString("latin1"));
    stdout.write(bytes);
  } else if (line.ev === "exit") {
    const { code, signal } = line.exit as { code: number | null; signal: string | null };
    leave(`${name} has ended: ${signal ?? `exit ${code ?? "unknown"}`}`);
  }
});
stdout.on("resize", () => request("resize", size()));
stdout.on("error", () => leave("the terminal closed", 1));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => leave(`detached; ${name} goes on`));
}
