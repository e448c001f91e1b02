import type { ToldFact } from "../model/fact.ts";
import type { PRSnapshot } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { ask } from "./ask.ts";
import type { LogCall } from "./check-logs.ts";

/** A message without the files is better than one that comes late. */
const TIMEOUT_MS = 20_000;

/** What a pull request conflicts in, once for each head and base. Null if that can't be found out. */
export async function conflictsOf(call: LogCall, record: SessionRecord, snapshot: PRSnapshot): Promise<ToldFact[]> {
  const { scm, clock, signal } = call;
  const getConflicts = scm.getConflicts?.bind(scm);
  const { headSha, baseSha, info } = snapshot;
  if (snapshot.hasConflicts !== true || getConflicts === undefined || baseSha === null) return [];
  const known = record.pr.conflictDetails;
  if (known?.headSha === headSha && known.baseSha === baseSha) return [];
  const seen = await ask((inner) => getConflicts(info, { headSha, baseSha, signal: inner }), {
    whom: "git",
    timeoutMs: TIMEOUT_MS,
    clock,
    signal,
  });
  return [{ kind: "conflicts", headSha, baseSha, found: seen.ok ? seen.value : null }];
}
