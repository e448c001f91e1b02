import { cleanForTerminal } from "@agent-orchestrator/core/host/text";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import { coloursFor } from "./colour.ts";
import { fold } from "./format.ts";
import type { Io } from "./io.ts";

/** Prints one line and one hint on stderr, or with `--json` a document on stdout. */
export function printError(io: Io, error: unknown, { isJson }: { isJson: boolean }): void {
  const { code, message, hint } = toAoError(error);
  if (isJson) {
    io.out(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
    return;
  }
  const colour = coloursFor(io, "err");
  const say = (text: string) => io.err(io.isErrTty ? fold(text, io.columns()) : text);
  say(`${colour.red("ao:")} ${flat(message)}\n`);
  if (hint !== undefined) say(`  ${colour.dim("hint:")} ${flat(hint)}\n`);
}

/** Text from elsewhere may have several lines and escape sequences, but an error has one line. */
function flat(text: string): string {
  return cleanForTerminal(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" · ");
}
