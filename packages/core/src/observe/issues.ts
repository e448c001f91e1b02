import type { ToldFact } from "../model/fact.ts";
import { type ProjectConfig, trackerText } from "../model/project.ts";
import type { Clock } from "../slots/common.ts";
import type { Tracker } from "../slots/tracker.ts";
import { ask } from "./ask.ts";

const TIMEOUT_MS = 60_000;

export interface IssueCall {
  tracker: Tracker;
  project: ProjectConfig;
  clock: Clock;
  signal: AbortSignal;
}

/** Whether an issue that a session waits for is closed. That nobody can tell is a fact as well. */
export async function observeIssue(
  { tracker, project, clock, signal }: IssueCall,
  issue: string,
): Promise<Extract<ToldFact, { kind: "issue-seen" }>> {
  const whom = trackerText(project);
  const asking = { whom, timeoutMs: TIMEOUT_MS, clock, signal };
  const seen = await ask((given) => tracker.isCompleted(issue, project, { signal: given }), asking);
  if (seen.ok) return { kind: "issue-seen", issue, isClosed: seen.value, isGone: false, problem: null };
  const { code, message } = seen.failure;
  return { kind: "issue-seen", issue, isClosed: false, isGone: code === "NOT_FOUND", problem: message };
}
