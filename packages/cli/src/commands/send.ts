import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describeLeftOut } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { MessageResult } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Context, Input, Run } from "../command.ts";
import { decode, readStdin } from "../output/stdin.ts";
import { parseDuration } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "send",
  group: "work",
  position: 10,
  summary: "Send a message to an agent",
  args: "<session> [text...]",
  complete: "session",
  details:
    "The message is delivered as soon as the agent can take it, and the command waits for the receipt. It is never typed into an open question, and never twice. Invisible and control characters are left out, and the command says which. The text - is read from stdin.",
  options: [
    { flags: "-f, --file <path>", text: "read the text from a file", complete: "file" },
    { flags: "--now", text: "do not wait for the current turn to end" },
    { flags: "--no-wait", text: "return when the message is queued" },
    {
      flags: "--timeout <duration>",
      text: "withdraw the message if it is not delivered by then (60s, or at once while the agent asks a question)",
    },
  ],
  examples: [
    ['ao send app-1 "use the existing helper in lib/date.ts"', "one line of text"],
    ["git diff | ao send app-1 -", "text from stdin"],
    ["ao send app-1 --file notes.md --no-wait", "text from a file, without waiting"],
  ],
};

export const run: Run = async (input, context) => {
  const [session = ""] = input.args;
  const text = await textOf(input, context);
  if (text.trim() === "") throw new AoError("USAGE", "the message is empty");
  const timeout = input.text("timeout");
  const params = {
    session,
    text,
    ...(input.flag("now") ? { isUrgent: true } : {}),
    isWaiting: input.flag("wait"),
    // Without a timeout, a message that only the user can let through is returned at once.
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
  const { data, meta } = await context.busy(`message to ${oneLine(session)}`, (tell) =>
    context.ask("send", params, {
      onProgress: (text) => {
        if (timeout !== undefined && text.startsWith("held: ")) sayHeld(text, context);
        tell(text);
      },
    }),
  );
  context.show(data, () => `${sentence(data)}\n`, meta);
  return 0;
};

/** Without a spinner, one line says what the message waits for. */
function sayHeld(text: string, { io, isJson }: Context): void {
  if (!io.isErrTty && !isJson) io.err(`ao: ${oneLine(text)}\n`);
}

async function textOf(input: Input, { io }: Context): Promise<string> {
  const words = input.args.slice(1);
  const file = input.text("file");
  if (file !== undefined && words.length > 0) throw new AoError("USAGE", "give a text or --file, not both");
  if (file === "-" || (words.length === 1 && words[0] === "-")) return await readStdin(io);
  if (file === undefined) {
    if (words.length === 0)
      throw new AoError("USAGE", "no message given", { hint: "Give a text, - to read stdin, or --file." });
    return words.join(" ");
  }
  return decode(await contentOf(resolve(io.cwd(), file), file), file);
}

async function contentOf(path: string, name: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new AoError("USAGE", `cannot read ${name}: ${(cause as NodeJS.ErrnoException).code ?? "?"}`, { cause });
  }
}

function sentence({ id, session, state, heldFor, text, leftOut }: MessageResult): string {
  const held = heldFor === null ? "" : ` (${oneLine(heldFor)})`;
  const words: Record<string, string> = {
    accepted: `${session} received it`,
    written: `delivered to ${session}, which cannot confirm it`,
    unconfirmed: `delivered to ${session}, which cannot confirm it`,
    queued: `queued for ${session}${held}`,
    held: `held for ${session}${held}`,
  };
  const said = words[state] ?? `${session}: ${state}${held}`;
  const line = `${said} · message ${oneLine(id, 40)}${text === "" || state === "accepted" ? "" : ` · ${oneLine(text, 80)}`}`;
  return leftOut === undefined ? line : `${line}\n${oneLine(describeLeftOut(leftOut))}`;
}
