import { logKey } from "@agent-orchestrator/core/decide/ci";
import { failingLines } from "@agent-orchestrator/core/decide/message-texts/log";
import type { CICheck } from "@agent-orchestrator/core/model/pull-request";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { at } from "@agent-orchestrator/core/model/time";
import type { CheckRow } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";

/** As many as fit on a screen with everything else. */
const EXCERPT = { lines: 20, chars: 4000 };

/** The known checks of its pull request, from which its status is derived. */
export const checkRows = (app: Pick<App, "world">, record: SessionRecord): CheckRow[] =>
  (record.pr.snapshot?.checks ?? []).map((check) => rowOf(record, check, app.world.clock.now()));

function rowOf(record: SessionRecord, check: CICheck, nowMs: number): CheckRow {
  const { startedAt = null, completedAt = null } = check;
  const isUnderWay = check.status === "running";
  const end = completedAt === null ? (isUnderWay ? nowMs : null) : at(completedAt);
  const log = check.status === "failed" ? record.pr.checkLogs[logKey(check)] : null;
  return {
    name: check.name,
    status: check.status,
    conclusion: check.conclusion ?? null,
    startedAt,
    completedAt,
    durationMs: startedAt === null || end === null ? null : Math.max(0, end - at(startedAt)),
    url: check.url ?? null,
    isRequired: check.isRequired !== false,
    failsOnBase: check.failsOnBase ?? null,
    problem: check.problem ?? null,
    excerpt: log ? failingLines(cleanForTerminal(log), EXCERPT) : null,
  };
}
