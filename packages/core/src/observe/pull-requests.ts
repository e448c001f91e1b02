import { isDeepStrictEqual } from "node:util";
import type { Failure, ToldFact } from "../model/fact.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { PRInfo, PRSnapshot } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Clock, Session } from "../slots/common.ts";
import type { LookOptions, SCM } from "../slots/scm.ts";
import { ask } from "./ask.ts";
import { checkLogs } from "./check-logs.ts";
import { conflictsOf } from "./conflicts.ts";
import { snapshotOf } from "./snapshot.ts";

export interface PullRequestCall {
  scm: SCM;
  project: ProjectConfig;
  records: readonly SessionRecord[];
  /** Something happened that may have changed them. */
  isWoken: boolean;
  toSession(record: SessionRecord): Session;
  /** The session as it is when an answer arrives. What was reported of its pull request in the meantime is newer. */
  current(sessionId: string): SessionRecord | undefined;
  tell(sessionId: string, facts: ToldFact[]): void;
  /** The scm has answered for its pull request. */
  answered(sessionId: string, info: PRInfo): void;
  clock: Clock;
  signal: AbortSignal;
}

const TIMEOUT_MS = 60_000;

/** Asks once for the pull requests of many sessions of one project, and reports only what is new. */
export async function observePullRequests(call: PullRequestCall): Promise<void> {
  const known = await detect(call);
  if (known.length === 0) return;
  const infos = known.map(({ info }) => info);
  const seen = await ask((signal) => snapshots(call.scm, infos, { signal, isWoken: call.isWoken }), {
    whom: `the scm ${call.project.scm.plugin}`,
    timeoutMs: TIMEOUT_MS,
    clock: call.clock,
    signal: call.signal,
  });
  for (const [index, { record }] of known.entries()) {
    const snapshot = seen.ok ? seen.value[index] : null;
    if (!snapshot) tellUnanswered(call, record, seen.ok ? await whyUntold(call, known[index]) : seen.failure);
    else {
      call.answered(record.id, snapshot.info);
      // That is nearly all of them, nearly always.
      const isQuiet = !isNews(record, snapshot) && !hasMoreToTell(snapshot);
      if (!isQuiet && !isStale(call, record)) await tellSnapshot(call, record, snapshot);
    }
  }
}

const UNTOLD: Failure = { code: "UNREACHABLE", message: "the scm could not read this pull request" };

/** Asked for a single pull request, an scm throws its reason. */
async function whyUntold(
  call: PullRequestCall,
  one: { record: SessionRecord; info: PRInfo } | undefined,
): Promise<Failure> {
  if (one === undefined || one.record.pr.unansweredSince !== null) return UNTOLD;
  const seen = await ask((signal) => call.scm.getPRState(one.info, { signal }), {
    whom: `the scm ${call.project.scm.plugin}`,
    timeoutMs: TIMEOUT_MS,
    clock: call.clock,
    signal: call.signal,
  });
  return seen.ok ? UNTOLD : seen.failure;
}

/** Reported once, and valid until the next answer. */
function tellUnanswered(call: PullRequestCall, record: SessionRecord, failure: Failure): void {
  if (record.pr.unansweredSince !== null) return;
  call.tell(record.id, [{ kind: "unanswered", question: "pr", failure }]);
}

/** True if an action reported the pull request while the question was under way. The answer may be older. */
const isStale = (call: PullRequestCall, record: SessionRecord): boolean =>
  call.current(record.id)?.pr.snapshot !== record.pr.snapshot;

async function snapshots(scm: SCM, infos: PRInfo[], options: LookOptions): Promise<(PRSnapshot | null)[]> {
  if (scm.getSnapshots !== undefined) return scm.getSnapshots(infos, options);
  return Promise.all(infos.map((info) => snapshotOf(scm, info, options)));
}

/** Returns the pull request of each session, or the branch to look for if it has none yet. */
async function detect(call: PullRequestCall): Promise<{ record: SessionRecord; info: PRInfo }[]> {
  const found: { record: SessionRecord; info: PRInfo }[] = [];
  for (const record of call.records) {
    // After it was merged or closed, the branch may get another one.
    if (record.pr.snapshot !== null && (record.pr.snapshot.state === "open" || record.pr.snapshot.state === "draft")) {
      found.push({ record, info: record.pr.snapshot.info });
      continue;
    }
    const seen = await ask(
      (signal) => call.scm.detectPR(call.toSession(record), call.project, { signal, isWoken: call.isWoken }),
      {
        whom: `the scm ${call.project.scm.plugin}`,
        timeoutMs: TIMEOUT_MS,
        clock: call.clock,
        signal: call.signal,
      },
    );
    if (!seen.ok) tellUnanswered(call, record, seen.failure);
    else if (seen.value !== null) found.push({ record, info: seen.value });
    else if (isNoneNews(record) && !isStale(call, record)) call.tell(record.id, [{ kind: "pr-none" }]);
  }
  return found;
}

const isNoneNews = (record: SessionRecord): boolean => record.pr.seenAt === null || record.pr.unansweredSince !== null;

/** An scm with a cache returns the same objects again, which need not be compared twice. */
const compared = new WeakMap<PRSnapshot, PRSnapshot>();

function isSame(known: PRSnapshot | null, snapshot: PRSnapshot): boolean {
  if (known === null) return false;
  if (known === snapshot || compared.get(snapshot) === known) return true;
  if (!isDeepStrictEqual(known, snapshot)) return false;
  compared.set(snapshot, known);
  return true;
}

const isNews = (record: SessionRecord, snapshot: PRSnapshot): boolean =>
  record.pr.unansweredSince !== null || !isSame(record.pr.snapshot, snapshot);

/** What it conflicts in, and logs of failing checks, are asked for one by one. */
const hasMoreToTell = ({ hasConflicts, checks }: PRSnapshot): boolean =>
  hasConflicts === true || checks.some(({ status }) => status === "failed");

async function tellSnapshot(call: PullRequestCall, record: SessionRecord, snapshot: PRSnapshot): Promise<void> {
  const facts: ToldFact[] = isNews(record, snapshot) ? [{ kind: "pr", snapshot }] : [];
  facts.push(...(await conflictsOf(call, record, snapshot)));
  facts.push(...(await checkLogs(call, record, snapshot)));
  if (facts.length > 0) call.tell(record.id, facts);
}
