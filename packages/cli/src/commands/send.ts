import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { oneLine } from "@agent-orchestrator/core/host/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { MessageResult } from "@agent-orchestrator/core/protocol/requests";
import type { Context, Input, Run } from "../command.ts";
import { parseDuration } from "../parse/duration.ts";

export const run: Run = async (input, context) => {
  const [session = ""] = input.args;
  const text = textOf(input, context);
  if (text.trim() === "") throw new AoError("USAGE", "the message is empty");
  const timeout = input.text("timeout");
  const params = {
    session,
    text,
    ...(input.flag("now") ? { isUrgent: true } : {}),
    isWaiting: input.flag("wait"),
    timeoutMs: timeout === undefined ? 60_000 : parseDuration(timeout, "--timeout"),
  };
  const { data, meta } = await context.busy(`message to ${oneLine(session)}`, (tell) =>
    context.ask("send", params, { onProgress: tell }),
  );
  context.show(data, () => `${sentence(data)}\n`, meta);
  return 0;
};

function textOf(input: Input, { io }: Context): string {
  const words = input.args.slice(1);
  const file = input.text("file");
  if (file !== undefined && words.length > 0) throw new AoError("USAGE", "a text, or --file: not both");
  if (file === "-" || (words.length === 1 && words[0] === "-")) return withoutLineEnd(io.readStdin());
  if (file === undefined) {
    if (words.length === 0)
      throw new AoError("USAGE", "what should be said?", { hint: "A text, - for stdin, or --file." });
    return words.join(" ");
  }
  try {
    return readFileSync(resolve(io.cwd(), file), "utf8");
  } catch (cause) {
    throw new AoError("USAGE", `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? "?"}`, { cause });
  }
}

/** As the shell does with `$(…)`: `echo yes | ao send app-1 -` says "yes", and not two lines. */
const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, "");

function sentence({ id, session, state, heldFor, text }: MessageResult): string {
  const held = heldFor === null ? "" : ` (${oneLine(heldFor)})`;
  const words: Record<string, string> = {
    accepted: `${session} has it`,
    written: `written to ${session}; this agent gives no receipts`,
    unconfirmed: `written to ${session}; this agent gives no receipts`,
    queued: `queued for ${session}${held}`,
    held: `held for ${session}${held}`,
  };
  const said = words[state] ?? `${session}: ${state}${held}`;
  return `${said} · message ${oneLine(id, 40)}${text === "" || state === "accepted" ? "" : ` · ${oneLine(text, 80)}`}`;
}
