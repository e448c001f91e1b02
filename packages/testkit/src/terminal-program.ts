import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A small full-screen program that records every byte it gets. Ctrl-C ends it with 7. */
const SOURCE = `
import { appendFileSync } from "node:fs";
const [log, mode, delayMs] = process.argv.slice(2);
setTimeout(() => {
  process.stdin.setRawMode(true);
  if (mode === "bracketed") process.stdout.write("\\x1b[?2004h");
  process.stdout.write("ready> ");
  process.stdin.on("data", (bytes) => {
    appendFileSync(log, bytes);
    if (bytes.includes(3)) process.exit(7);
    process.stdout.write(".");
  });
}, Number(delayMs));
setInterval(() => undefined, 1e6);
`;

export interface TerminalProgram {
  argv: string[];
  /** What it got so far. */
  got(): string;
}

export function terminalProgram(dir: string, mode: "bracketed" | "raw", delayMs = 0): TerminalProgram {
  const program = join(dir, "program.mjs");
  const log = join(dir, `got-${mode}-${delayMs}`);
  writeFileSync(program, SOURCE);
  return {
    argv: [process.execPath, program, log, mode, String(delayMs)],
    got: () => (existsSync(log) ? readFileSync(log, "utf8") : ""),
  };
}
