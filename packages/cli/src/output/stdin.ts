import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Io } from "./io.ts";

const MAX_BYTES = 1024 * 1024;

/** Reads all of stdin as text, without the final newline, like `$(…)` in a shell. Waits for slow producers. Throws USAGE if it is not text. */
export async function readStdin(io: Pick<Io, "stdin" | "isInTty" | "err">): Promise<string> {
  if (io.isInTty) io.err("ao: reading from the terminal, end with Ctrl-D\n");
  return decode(await bytesOf(io.stdin), "stdin").replace(/\r?\n$/, "");
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > MAX_BYTES) break; // leaving the loop closes the pipe, which ends the producer
      chunks.push(bytes);
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new AoError("USAGE", `cannot read stdin: ${code}`, { cause });
  }
  if (size > MAX_BYTES)
    throw new AoError("USAGE", "stdin has more than 1 MiB", {
      hint: "Save the text to a file in the worktree, and send its path.",
    });
  return Buffer.concat(chunks);
}

/** Decodes UTF-8. Throws USAGE instead of sending replacement characters to an agent. */
export function decode(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AoError("USAGE", `${from} is not UTF-8 text`, {
      hint: "Convert it first, for example with `iconv -f latin1 -t utf-8`.",
      cause,
    });
  }
}
