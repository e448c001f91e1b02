import { oneLine } from "@agent-orchestrator/core/model/text";
import type { LeftSession } from "@agent-orchestrator/core/protocol/results";

/** One line per session: what is not merged, and where its work is. */
export const leftTexts = (sessions: readonly LeftSession[]): string => sessions.map(leftText).join("");

function leftText({ session, branch, unmerged, keptIn, leftAt, problem }: LeftSession): string {
  const what = unmerged === null ? "fully merged" : `${oneLine(unmerged, 100)} not merged`;
  const kept = keptIn === null ? "" : `, checkout kept in ${oneLine(keptIn, 300)}`;
  const left = leftAt === null ? "" : `, checkout left at ${oneLine(leftAt, 300)}`;
  const why = problem === null ? "" : ` (${oneLine(problem, 300)})`;
  return `  ${session}: ${what}, branch ${oneLine(branch, 100)}${kept}${left}${why}\n`;
}
