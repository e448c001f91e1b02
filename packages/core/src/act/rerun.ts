import { failpoint } from "../host/failpoint.ts";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { ActCall } from "./call.ts";
import { snapshotAfter } from "./pull-request.ts";

interface Wanted {
  headSha: string;
  checks: readonly { name: string; attempt: number }[];
}

/** Has failing checks run again. One that has a newer attempt, or is of an older head, is left alone. */
export async function rerun(call: ActCall, { headSha, checks }: Wanted): Promise<ToldFact[]> {
  const { snapshot: pr } = call.record.pr;
  if (pr === null || pr.headSha !== headSha) return [];
  const scm = await call.plugins.scm();
  if (scm.rerunChecks === undefined) {
    throw new AoError("REFUSED", `the scm ${call.project.scm.plugin} cannot run checks again`);
  }
  const { signal } = call;
  const still = (await scm.getCIChecks(pr.info, { signal })).filter(
    (check) =>
      check.status === "failed" &&
      checks.some(({ name, attempt }) => name === check.name && attempt === (check.attempt ?? 1)),
  );
  failpoint("rerun.before");
  if (still.length > 0) await scm.rerunChecks(pr.info, still, { signal });
  failpoint("rerun.after");
  return snapshotAfter(call, scm, pr.info);
}
