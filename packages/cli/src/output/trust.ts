import type { AoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { Context } from "../command.ts";
import { coloursFor } from "./colour.ts";
import { confirmOn } from "./confirm.ts";

/** Shows on stderr what a config would run, asks, and trusts exactly what was shown. Returns whether it is trusted now. */
export async function trustNow(context: Context, error: AoError): Promise<boolean> {
  const { pin, text, diff, configPath } = error.details ?? {};
  if (typeof pin !== "string") return false;
  context.io.err(`${cleanForTerminal(error.message)}\n`);
  context.io.err(trustText(context, { text: String(text ?? ""), diff: typeof diff === "string" ? diff : null }));
  // `--yes` is meant for the command, not for trusting a config that the user has not seen.
  const isTrusted = await confirmOn({ ...context, isYes: false }, `Trust ${String(configPath ?? "this config")}?`);
  if (isTrusted !== true) return false;
  await context.ask("trust", { pin });
  return true;
}

/** What would run, or what has changed in it, with added and removed lines in colour. */
export function trustText({ io }: Pick<Context, "io">, { text, diff }: { text: string; diff: string | null }): string {
  const colour = coloursFor(io, "err");
  // There is no difference if it is trusted already. Then all of it is shown.
  const lines = cleanForTerminal(diff || text).split("\n");
  const painted = lines.map((line) => {
    if (diff && line.startsWith("+")) return colour.green(line);
    if (diff && line.startsWith("-")) return colour.red(line);
    return line;
  });
  return `${painted.map((line) => `  ${line}`).join("\n")}\n`;
}
