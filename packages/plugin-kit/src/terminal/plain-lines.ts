import { cleanForTerminal } from "@agent-orchestrator/core/model/text";

/** The last printed lines as plain text. What a carriage return overwrote is gone, as on a screen. */
export function plainLines(bytes: Uint8Array, lines: number): string {
  const text = new TextDecoder().decode(bytes).replace(/\r+\n/g, "\n");
  const plain = text.split("\n").map((line) => cleanForTerminal(line.slice(line.lastIndexOf("\r") + 1)));
  return plain.join("\n").trimEnd().split("\n").slice(-lines).join("\n");
}
