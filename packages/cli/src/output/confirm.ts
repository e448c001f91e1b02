import { createInterface } from "node:readline";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { Context } from "../command.ts";
import { dropTypedAhead } from "./typed-ahead.ts";

const YES = /^\s*y(es)?\s*$/i;
const NO = /^\s*(n(o)?)?\s*$/i;

/** True with `--yes`, null without a terminal, otherwise the user's answer, no by default. After any other line it asks again. */
export async function confirmOn(context: Context, question: string): Promise<boolean | null> {
  const { io, isYes, isJson } = context;
  if (isYes) return true;
  if (isJson || !io.isInTty || !io.isErrTty) return null;
  const answer = await readLine(context, `${cleanForTerminal(question)} [y/N] `, (line) => {
    if (YES.test(line) || NO.test(line)) return null;
    return `ao: not an answer: ${JSON.stringify(oneLine(line, 60))}. Type y or n.\n`;
  });
  return YES.test(answer);
}

/**
 * A line that the user types, or an empty one when they end the input. Discards what was typed before the question was shown. `complaint` returns what to
 * print for an invalid line, after which the next line is read, or null.
 */
export function readLine(
  { io }: Pick<Context, "io">,
  prompt: string,
  complaint: (line: string) => string | null = () => null,
): Promise<string> {
  dropTypedAhead(io);
  const reader = createInterface({ input: io.stdin, output: io.stderr, prompt });
  return new Promise((resolve) => {
    let answer = "";
    reader.on("line", (line) => {
      const wrong = complaint(line);
      if (wrong === null) {
        answer = line;
        reader.close();
        return;
      }
      io.err(wrong);
      reader.prompt();
    });
    reader.on("SIGINT", () => {
      io.err("\n");
      reader.close();
    });
    reader.on("close", () => resolve(answer));
    reader.prompt();
  });
}
