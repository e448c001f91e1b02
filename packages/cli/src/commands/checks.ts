import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { SessionChecks } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Run } from "../command.ts";
import { checkLines } from "../output/check-lines.ts";
import { page } from "../output/pager.ts";

export const spec: CommandSpec = {
  name: "checks",
  group: "look",
  position: 40,
  summary: "Show the CI checks of a session's pull request, or a check's log",
  args: "<session> [check]",
  complete: "session",
  details:
    "With --log, prints the log of the named check, or of every check that fails or cannot run; on a terminal through git's pager.",
  options: [{ flags: "--log", text: "print the log" }],
  examples: [
    ["ao checks app-1", "state, duration and log of each check"],
    ["ao checks app-1 --log", "why CI fails"],
    ["ao checks app-1 --log lint", "the log of one check, whatever its state"],
  ],
};

export const run: Run = async (input, context) => {
  const [session = "", check] = input.args;
  const wantsLog = input.flag("log");
  const { data, meta } = await context.ask("checks", {
    session,
    ...(check === undefined ? {} : { check }),
    ...(wantsLog ? { log: true } : {}),
  });
  if (wantsLog && !context.isJson) return await page(context, logText(data.logs ?? []));
  context.show(data, () => text(data), meta);
  return 0;
};

function text({ session, pr, checks }: SessionChecks): string {
  if (pr === null) return `${oneLine(session)} has no pull request yet, so no checks\n`;
  const head = `${oneLine(session)} · PR ${pr.number} at ${oneLine(pr.headSha, 10).slice(0, 7)} · CI ${pr.ci}`;
  if (checks.length === 0) return `${head}\n  no checks\n`;
  return `${head}\n${checkLines(checks)
    .map((line) => `  ${line}\n`)
    .join("")}`;
}

/** With a line before each if there are several. */
function logText(logs: NonNullable<SessionChecks["logs"]>): string {
  const parts = logs.map(({ names, text: log }) => {
    const head = logs.length > 1 ? `── ${oneLine(names.join(", "), 200)} ──\n` : "";
    return `${head}${cleanForTerminal(log).trimEnd()}\n`;
  });
  return parts.join("\n");
}
