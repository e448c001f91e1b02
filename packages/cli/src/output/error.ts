import { toAoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { coloursFor } from "./colour.ts";
import { fold } from "./format.ts";
import type { Io } from "./io.ts";

/** Prints one line and one hint on stderr, or with `--json` a document on stdout. Several problems get a line each. */
export function printError(io: Io, error: unknown, { isJson }: { isJson: boolean }): void {
  const { code, message, hint, details } = toAoError(error);
  if (isJson) {
    io.out(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
    return;
  }
  const colour = coloursFor(io, "err");
  const say = (text: string) => io.err(io.isErrTty ? fold(text, io.columns()) : text);
  // Problems of a config are lines that the daemon has cleaned one by one, unlike the words of another program.
  const lines = Array.isArray(details?.problems) ? message.split("\n") : [message];
  const [first = "", ...more] = lines.map(flat);
  say(`${colour.red("ao:")} ${first}\n`);
  for (const line of more) say(`  ${line}\n`);
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
