import { ERROR_CODES } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CleanupRow } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { localTime, table } from "../output/format.ts";

export const spec: CommandSpec = {
  name: "cleanup",
  group: "finish",
  position: 60,
  summary: "Remove the worktrees that are due according to `cleanup:` in the config",
  details: "The work is saved first, and `ao restore` brings it back.",
  options: [{ flags: "--dry-run", text: "only show what would be removed, and when" }],
  examples: [
    ["ao cleanup --dry-run", "only show what is due"],
    ["ao cleanup --yes", "without asking"],
  ],
};

export const run: Run = async (input, context) => {
  const answer = input.flag("dry-run")
    ? await context.ask("cleanup", { isDryRun: true })
    : await askConfirmed(context, { name: "cleanup", params: {} }, { text: "cleaning up" });
  if (answer === null) return saidNo(context);
  context.show(answer.data, () => text(answer.data), answer.meta);
  return Math.max(0, ...answer.data.map(exitOf));
};

const exitOf = ({ problem, code }: CleanupRow): number => (problem === null ? 0 : ERROR_CODES[code ?? "FAILED"].exit);

function text(rows: readonly CleanupRow[]): string {
  if (rows.length === 0) return "Nothing to clean up.\n";
  const isIdle = rows.every(({ isDue, isDone }) => !isDue && !isDone);
  const head = isIdle ? "Nothing is due yet.\n" : "";
  const notes = rows.flatMap(({ session, notes = [] }) => notes.map((note) => `  ${session}: ${oneLine(note, 500)}\n`));
  return head + table(rows.map((row) => [row.session, row.status, fate(row), oneLine(row.reason)])) + notes.join("");
}

function fate({ isDone, isDue, dueAt, problem }: CleanupRow): string {
  if (problem !== null) return `kept: ${oneLine(problem, 500)}`;
  if (isDone) return "removed, work saved";
  return isDue ? "due" : `due ${dueAt === null ? "never" : localTime(dueAt)}`;
}
