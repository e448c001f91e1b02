import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { CICheck, PRSnapshot, PRState } from "@agent-orchestrator/core/model/pull-request";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { isMissingObjects } from "@agent-orchestrator/plugin-kit/git/partial";
import { describeMove } from "./bases.ts";
import { contains } from "./branch-facts.ts";
import { checksOf } from "./ci/job.ts";
import { type Desk, infoOf, type Tips, tipsOf, urlOf } from "./desk.ts";
import { ciStatusOf, judgeReadiness } from "./readiness.ts";
import type { PRRecord } from "./records.ts";
import type { Tip } from "./refs.ts";
import { gitMessage, type Repository } from "./repository.ts";
import { decideReview, toComment, toReview } from "./review.ts";

const NO_FACTS = { commitsAhead: 0, conflicts: [] as string[], touchesGuardedFiles: false };

/** Reads everything about one pull request from the current refs and files. */
export async function readSnapshot(desk: Desk, repository: Repository, record: PRRecord): Promise<PRSnapshot> {
  const tips = tipsOf(repository.refs, record);
  const { base } = tips;
  const headSha = record.state === "open" ? (tips.head?.sha ?? record.headSha) : record.headSha;
  const isLive = record.state === "open" && tips.head !== null && base !== null;
  const facts = isLive ? await desk.facts(repository, { head: headSha, base, landed: record.landed }) : NO_FACTS;
  const wasMerged = await isMergedOutside(repository, { record, base, isBehind: facts.commitsAhead === 0 });
  const now: PRRecord = wasMerged ? { ...record, state: "merged" } : record;
  const checks = readChecks(desk, headSha, base !== null && base !== headSha);
  const review = decideReview(now, headSha, desk.options.requiredReviews);
  const ci = ciStatusOf(checks);
  const url = urlOf(desk, record.number);
  const moved = describeMove(record);
  return {
    info: infoOf(desk, now),
    state: stateOf(now),
    headSha,
    baseSha: base,
    ci,
    checks,
    review,
    reviews: now.reviews.map((one) => toReview(one, now.comments)),
    comments: now.comments.filter((comment) => !comment.isResolved).map((comment) => toComment(comment, url)),
    botComments: [],
    hasConflicts: now.state === "open" && isLive ? facts.conflicts.length > 0 : false,
    readiness: judgeReadiness({
      record: now,
      hasBranch: tips.head !== null,
      hasBase: base !== null,
      ...facts,
      ci,
      checks,
      review,
    }),
    isCiAbsent: desk.plan.ci.length === 0,
    headAt: headAtOf(now, headSha, tips),
    ...(now.mergedAt === null ? {} : { mergedAt: now.mergedAt }),
    touchesGuardedFiles: facts.touchesGuardedFiles,
    ...(moved === null ? {} : { baseNote: moved }),
  };
}

export const stateOf = (record: PRRecord): PRState =>
  record.state === "open" && record.isDraft ? "draft" : record.state;

interface Outside {
  record: PRRecord;
  base: string | null;
  isBehind: boolean;
}

/** Whether the user merged it with git, or on another machine: its last head is in the base, and nothing came after it. */
function isMergedOutside(repository: Repository, { record, base, isBehind }: Outside): Promise<boolean> {
  if (record.state !== "open" || base === null || !isBehind) return Promise.resolve(false);
  return contains(repository, base, record.headSha);
}

export function readChecks(desk: Desk, head: string, hasBase: boolean): CICheck[] {
  return checksOf({
    plan: { ...desk.plan, results: desk.checks.get },
    head,
    hasBase,
    live: desk.live.run,
    urlOfLog: (log) => pathToFileURL(join(desk.context.stateDir, log)).href,
  });
}

function headAtOf(record: PRRecord, headSha: string, tips: Tips): string {
  return record.headSha === headSha || tips.head === null ? record.headAt : toIso(tips.head.atMs);
}

export interface ReadOptions {
  /** A snapshot whose branch has moved on since may be returned, if that is all that changed and it keeps moving. */
  isPaced?: boolean;
}

export interface Snapshots {
  /** Null if it could not be read. What did not change comes from memory, at the cost of a few stats and no process. */
  read(records: readonly (PRRecord | null)[], options?: ReadOptions): Promise<(PRSnapshot | null)[]>;
  /** Why the last attempt for this one failed, in words. */
  whyNot(number: number): string | null;
}

export function createSnapshots(desk: Desk): Snapshots {
  const known = new Map<number, Known>();
  const failures = new Map<number, string>();

  async function renew(repository: Repository, { record, key, head, results }: Asked): Promise<PRSnapshot | null> {
    try {
      const snapshot = await readSnapshot(desk, repository, record);
      known.set(record.number, { key, head, results, snapshot });
      failures.delete(record.number);
      return snapshot;
    } catch (error) {
      failures.set(record.number, wordsOf(error));
      desk.context.log.warn(`pull request ${record.number} could not be read`, { error: String(error).slice(0, 500) });
      return null;
    }
  }

  let last: { key: string; records: readonly (PRRecord | null)[]; answers: (PRSnapshot | null)[] } | null = null;

  /** Only its head moved, and CI has nothing to say about the new one yet. */
  const mayWait = (before: Version, { record, tip, ...now }: Asked): boolean =>
    before.key === now.key && now.results === NO_RESULTS && tip !== null && !desk.mayLookAt(record.number, tip);

  async function read(
    records: readonly (PRRecord | null)[],
    { isPaced = false }: ReadOptions = {},
  ): Promise<(PRSnapshot | null)[]> {
    const repository = await desk.repository();
    const whole = [repository.refs.revision(), desk.prs.generation(), desk.checks.generation(), liveOf(desk)].join();
    if (last?.key === whole && isSame(last.records, records)) return [...last.answers];
    const keyOf = keysNow(desk, repository);
    // All keys are from the same moment. What takes longer comes after.
    const asked = records.map((record) => (record === null ? null : { record, ...keyOf(record) }));
    const answers: (PRSnapshot | null)[] = [];
    let isBehind = false;
    for (const one of asked) {
      const before = one === null ? undefined : known.get(one.record.number);
      if (one === null) answers.push(null);
      else if (before !== undefined && isSameVersion(before, one)) answers.push(before.snapshot);
      else if (before !== undefined && isPaced && mayWait(before, one)) {
        isBehind = true;
        answers.push(before.snapshot);
      } else answers.push(await renew(repository, one));
    }
    last = isBehind ? null : { key: whole, records, answers };
    return [...answers];
  }

  return { read, whyNot: (number) => failures.get(number) ?? null };
}

function wordsOf(error: unknown): string {
  const said = gitMessage(error).trim();
  const [line = ""] = said.split("\n").filter((text) => /^(?:fatal|error):/.test(text));
  const reason = oneLine((line === "" ? said : line).replace(/^(?:fatal|error): /, ""), 300);
  return isMissingObjects(said) ? `objects of this partial clone could not be fetched (${reason})` : reason;
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);

const liveOf = (desk: Desk): string => `${desk.live.run?.sha} ${desk.live.run?.current}`;

/** What a snapshot was made of: its head, CI's results for it, and a text that changes with anything else that is part of it. */
interface Version {
  key: string;
  head: string;
  results: string;
}

const NO_RESULTS = "0 ";

const isSameVersion = (a: Version, b: Version): boolean =>
  a.key === b.key && a.head === b.head && a.results === b.results;

interface Known extends Version {
  snapshot: PRSnapshot;
}

interface Now extends Version {
  /** Null if its branch is gone. */
  tip: Tip | null;
}

interface Asked extends Now {
  record: PRRecord;
}

function keysNow(desk: Desk, repository: Repository): (record: PRRecord) => Now {
  const prs = desk.prs.view();
  const checks = desk.checks.view();
  return (record) => {
    const revision = prs.revision(String(record.number));
    if (record.state !== "open") return { key: `${revision}`, head: "", results: "", tip: null };
    const { head, base } = tipsOf(repository.refs, record);
    const live = desk.live.run?.sha === head?.sha ? liveOf(desk) : "";
    const results = `${checks.revision(head?.sha ?? record.headSha)} ${live}`;
    return { key: `${revision} ${base}`, head: head?.sha ?? "gone", results, tip: head };
  };
}
