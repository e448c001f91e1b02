import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Context, Run } from "../command.ts";
import { daemonAnswers } from "../connect/connect.ts";
import { daemonLogOf } from "../connect/start-daemon.ts";
import { parseCount } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "logs",
  group: "set-up",
  position: 40,
  summary: "Print the daemon's log",
  options: [
    { flags: "-f, --follow", text: "print new lines as they come" },
    { flags: "-n, --lines <count>", text: "number of lines from the end (100)" },
  ],
  examples: [["ao logs --follow", "follow the log"]],
};

const LOOK_MS = 200;
const MAX_TAIL = 4 * 1024 * 1024;

/** Reads the file, so it works without a daemon as well. A daemon says whether the caller may see it. */
export const run: Run = async (input, context) => {
  const path = await pathOf(context);
  const count = parseCount(input.text("lines") ?? "100", "--lines");
  const { text, end } = readFrom(path, -MAX_TAIL);
  const lines = text.split("\n").slice(0, -1).slice(-count);
  if (context.isJson && !input.flag("follow")) {
    context.show({ path, lines }, () => "");
    return 0;
  }
  print(context, lines);
  if (!input.flag("follow")) {
    if (text === "") context.io.err(`ao: ${path} is empty, no daemon has run here yet\n`);
    return 0;
  }
  return await follow(context, { path, from: end });
};

async function pathOf(context: Context): Promise<string> {
  if (await daemonAnswers(context)) return (await context.ask("logs", {})).data.path;
  if ((context.io.env.AO_SESSION_ID ?? "") !== "") {
    throw new AoError("NOT_PERMITTED", "an agent must not run `ao logs`", {
      hint: "Only the user can, from their own terminal.",
    });
  }
  return daemonLogOf(context.home);
}

async function follow(context: Context, { path, from }: { path: string; from: number }): Promise<number> {
  let at = from;
  for (;;) {
    await sleep(LOOK_MS);
    const { text, end } = readFrom(path, at);
    if (end < at)
      at = 0; // a new file
    else if (text.includes("\n")) {
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      print(context, whole.split("\n").slice(0, -1));
      at += Buffer.byteLength(whole);
    }
  }
}

function print({ io, isJson }: Context, lines: readonly string[]): void {
  for (const line of lines) io.out(isJson ? `${JSON.stringify({ data: { line } })}\n` : `${cleanForTerminal(line)}\n`);
}

/** Reads from an offset. A negative one counts from the end. */
function readFrom(path: string, from: number): { text: string; end: number } {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return { text: "", end: 0 }; // nothing was logged yet
  }
  try {
    const { size } = fstatSync(file);
    const start = from < 0 ? Math.max(0, size + from) : from;
    const bytes = Buffer.alloc(Math.max(0, size - start));
    const count = readSync(file, bytes, 0, bytes.length, start);
    return { text: bytes.toString("utf8", 0, count), end: size };
  } finally {
    closeSync(file);
  }
}
