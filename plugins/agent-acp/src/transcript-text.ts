import { endOfFile } from "@agent-orchestrator/agent-kit/text-end";

/** The end of the conversation as the user saw it, starting with a whole line. Null if it is empty. */
export function transcriptEnd(file: string, maxBytes: number): string | null {
  const now = endOfFile(file, maxBytes);
  if (now === null) return null;
  const room = maxBytes - Buffer.byteLength(now);
  const before = room > 0 ? (endOfFile(`${file}.old`, room) ?? "") : "";
  return before + now;
}
