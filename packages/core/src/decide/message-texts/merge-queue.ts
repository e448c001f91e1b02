import type { SessionRecord } from "../../model/session.ts";
import { oneLine } from "../../model/text.ts";
import { finishWork } from "./finish.ts";

/** To the agent: what fails only together with the base and what was merged before it. */
export function composeQueueFailure(record: SessionRecord): string {
  const { snapshot: pr, queueLeft } = record.pr;
  if (pr === null || !queueLeft) return "";
  const { number, baseBranch } = pr.info;
  const names = queueLeft.checks.map((check) => oneLine(check, 100)).join(", ");
  return [
    `Your pull request #${number} was removed from the merge queue: ${oneLine(queueLeft.reason, 200)}. Failing there: ${names}.`,
    `Its own checks pass. The queue tests it merged with the newest ${baseBranch} and with the pull requests before it, so something there does not fit with it.`,
    `Merge origin/${baseBranch} (fetch it first) into ${record.branch}, run these checks, and fix what fails. ${finishWork(record)}`,
  ].join("\n\n");
}
