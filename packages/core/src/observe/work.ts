import type { ToldFact } from "../model/fact.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { SessionRecord } from "../model/session.ts";
import { at, type Iso, toIso } from "../model/time.ts";
import type { Clock } from "../slots/common.ts";
import type { Workspace } from "../slots/workspace.ts";
import { ask } from "./ask.ts";

/** The time of what ended or was committed since the last look, after which the checkout must be inspected. Null if nothing did. */
export function workWantedSince(record: SessionRecord): Iso | null {
  if (record.workspacePath === null || record.phase === "removing" || record.isArchived) return null;
  const { turnEndedAt, repositoryChangedAt } = record;
  const { last: launch } = record.launch;
  const moments = [turnEndedAt, launch?.exit?.at, launch?.startedAt, repositoryChangedAt].filter(
    (moment) => moment !== null && moment !== undefined,
  );
  const newest = moments.sort((a, b) => at(b) - at(a))[0] ?? null;
  if (newest === null) return null;
  return record.work === null || at(record.work.at) < at(newest) ? newest : null;
}

interface WorkCall {
  /** Only the agent's commits are news, so that what was seen before need not be looked at again. */
  isLight: boolean;
  record: SessionRecord;
  project: ProjectConfig;
  workspace: Workspace;
  clock: Clock;
  signal: AbortSignal;
}

/** Inspects the checkout. The time is the one before the look, so that what changes meanwhile is looked at again. */
export async function observeWork({
  record,
  isLight,
  project,
  workspace,
  clock,
  signal,
}: WorkCall): Promise<ToldFact[]> {
  const { inspect } = workspace;
  const path = record.workspacePath;
  if (inspect === undefined || path === null) return [];
  const at = toIso(clock.now());
  const seen = await ask(
    (deadline) =>
      inspect(path, project, {
        signal: deadline,
        ...(record.baseBranch === null ? {} : { baseBranch: record.baseBranch }),
        ...(record.baseSha === null ? {} : { baseSha: record.baseSha }),
        ...(isLight && record.work !== null ? { known: record.work } : {}),
      }),
    { whom: "git", timeoutMs: 30_000, clock, signal },
  );
  if (!seen.ok) return [{ kind: "unanswered", question: "work", failure: seen.failure }];
  const hasMoved = seen.value.headSha !== record.work?.headSha;
  // Commits on another branch are not this session's to submit, least of all to a branch of the user's.
  if (hasMoved && seen.value.branch === record.branch && workspace.publish !== undefined) {
    const { publish } = workspace;
    const told = await ask((deadline) => publish(path, project, { signal: deadline }), {
      whom: "git",
      timeoutMs: 60_000,
      clock,
      signal,
    });
    if (!told.ok) return [{ kind: "unanswered", question: "work", failure: told.failure }];
  }
  return [{ kind: "work", work: { ...seen.value, at } }];
}
