import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/host/text";
import type { SessionChecks } from "@agent-orchestrator/core/protocol/requests";
import type { Run } from "../command.ts";
import { checkLines } from "../output/check-lines.ts";
import { page } from "../output/pager.ts";

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
