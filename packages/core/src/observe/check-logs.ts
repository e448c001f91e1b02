import type { ToldFact } from "../model/fact.ts";
import type { CICheck, PRSnapshot } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Clock } from "../slots/common.ts";
import type { SCM } from "../slots/scm.ts";
import { ask } from "./ask.ts";

export interface LogCall {
  scm: SCM;
  clock: Clock;
  signal: AbortSignal;
}

const TIMEOUT_MS = 60_000;
/** A log may be missing for a moment after the job's end, and one answer may be lost. A reaction waits 30 seconds for it. */
const TRIES = 5;
const BETWEEN_MS = 5_000;
/** What nobody asks for any more is forgotten: its head has moved. */
const FORGET_MS = 10 * 60_000;

interface Tries {
  failures: number;
  /** In the clock's monotonic milliseconds. */
  lastAt: number;
}

/** Logs that could not be read so far, of each scm. */
const failed = new WeakMap<SCM, Map<string, Tries>>();

/** The key of a check's log in the record. */
const checkLogKey = (check: { name: string; attempt?: number | undefined }): string =>
  `${check.name}#${check.attempt ?? 1}`;

/** Reads the end of the log of each failing check that is not known yet, for a reaction to quote. One that fails is tried again later. */
export async function checkLogs(call: LogCall, record: SessionRecord, snapshot: PRSnapshot): Promise<ToldFact[]> {
  const isSameHead = record.pr.snapshot?.headSha === snapshot.headSha;
  const facts: ToldFact[] = [];
  for (const check of snapshot.checks) {
    const key = checkLogKey(check);
    if (check.status !== "failed" || (isSameHead && key in record.pr.checkLogs)) continue;
    const log = await readLog(call, { check, snapshot, id: `${record.id} ${snapshot.headSha} ${key}` });
    if (log !== undefined) facts.push({ kind: "check-log", headSha: snapshot.headSha, key, log });
  }
  return facts;
}

interface Wanted {
  check: CICheck;
  snapshot: PRSnapshot;
  id: string;
}

/** Empty: there is none, as of a check of another service. Null: it can't be read. Undefined: not yet. */
async function readLog(call: LogCall, { check, snapshot, id }: Wanted): Promise<string | null | undefined> {
  const { scm, clock, signal } = call;
  const getCheckLog = scm.getCheckLog?.bind(scm);
  if (getCheckLog === undefined) return null;
  const tries = triesOf(call);
  const before = tries.get(id);
  if (before !== undefined && clock.monotonic() - before.lastAt < BETWEEN_MS) return undefined;
  const seen = await ask((inner) => getCheckLog(snapshot.info, check, { maxBytes: 16_384, signal: inner }), {
    whom: "the scm",
    timeoutMs: TIMEOUT_MS,
    clock,
    signal,
  });
  tries.delete(id);
  if (seen.ok) return seen.value;
  if (seen.failure.code === "NOT_FOUND") return "";
  const failures = (before?.failures ?? 0) + 1;
  if (failures >= TRIES) return null;
  tries.set(id, { failures, lastAt: clock.monotonic() });
  return undefined;
}

function triesOf({ scm, clock }: LogCall): Map<string, Tries> {
  const tries = failed.get(scm) ?? new Map<string, Tries>();
  failed.set(scm, tries);
  for (const [id, { lastAt }] of tries) if (clock.monotonic() - lastAt > FORGET_MS) tries.delete(id);
  return tries;
}
