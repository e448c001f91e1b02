import { createInterface } from "node:readline";
import { cleanForTerminal } from "@agent-orchestrator/core/host/text";
import type { Context } from "../command.ts";

/** True with `--yes`; null where there is nobody to ask; otherwise what the human says, no by default. */
export async function confirmOn(context: Context, question: string): Promise<boolean | null> {
  const { io, isYes, isJson } = context;
  if (isYes) return true;
  if (isJson || !io.isInTty || !io.isErrTty) return null;
  const answer = await readLine(context, `${cleanForTerminal(question)} [y/N] `);
  return /^\s*y(es)?\s*$/i.test(answer);
}

/** A line the human types; empty when they end the input. */
export function readLine({ io }: Context, prompt: string): Promise<string> {
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  return new Promise((resolve) => {
    let said = "";
    reader.question(prompt, (answer) => {
      said = answer;
      reader.close();
    });
    reader.on("SIGINT", () => {
      io.err("\n");
      reader.close();
    });
    reader.on("close", () => resolve(said));
  });
}
