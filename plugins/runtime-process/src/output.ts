import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { readTail } from "./runner/tail-file.ts";

const BYTES_PER_LINE = 400;
const MAX_BYTES = 2 * 1024 * 1024;

/** The last printed lines as plain text. What a carriage return overwrote is gone, as on a screen. */
export function lastOutput(dir: string, lines: number): string {
  const bytes = readTail(dir, Math.min(MAX_BYTES, 64 * 1024 + lines * BYTES_PER_LINE));
  const text = new TextDecoder().decode(bytes).replace(/\r+\n/g, "\n");
  const plain = text.split("\n").map((line) => cleanForTerminal(line.slice(line.lastIndexOf("\r") + 1)));
  return plain.join("\n").trimEnd().split("\n").slice(-lines).join("\n");
}
