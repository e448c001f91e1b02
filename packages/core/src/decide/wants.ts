import type { CICheck } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";
import { logKey } from "./ci.ts";
import { isOver, latest } from "./facts-of.ts";
import { wantsLeftRunning } from "./left-running.ts";
import { missingLogs } from "./reactions/ci-failed.ts";

/** What a decision waits for and the engine should go and ask. */
export interface Wants {
  /** Look at the checkout: something ended since the last look. */
  work: boolean;
  /** Look at its processes: a tool call was cut, and may have left some running. */
  processes: boolean;
  /** Logs of failing checks that a message waits for; answer with `check-log` facts under `key`. */
  checkLogs: { headSha: string; key: string; check: CICheck }[];
}

export function wantsOf(record: SessionRecord): Wants {
  const headSha = record.pr.snapshot?.headSha ?? "";
  return {
    work: wantsWork(record),
    processes: wantsLeftRunning(record),
    checkLogs: missingLogs(record).map((check) => ({ headSha, key: logKey(check), check })),
  };
}

/** A turn, a process or the agent's own word came to an end, and nobody has looked at the checkout since. */
function wantsWork(record: SessionRecord): boolean {
  if (record.workspacePath === null || isOver(record)) return false;
  const { turnEndedAt, turnStartedAt, report, work, workUnansweredAt, repositoryChangedAt } = record;
  const { last: launch } = record.launch;
  const isDone = report?.state === "done";
  const since = latest(
    turnStartedAt === null ? turnEndedAt : null,
    launch?.exit?.at,
    isDone ? report.at : null,
    repositoryChangedAt,
  );
  return since > 0 && latest(work === null ? null : at(work.at), workUnansweredAt) < since;
}
