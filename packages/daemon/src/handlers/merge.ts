import { setTimeout as sleep } from "node:timers/promises";
import { prName } from "@agent-orchestrator/core/decide/facts-of";
import { refusalOfMerge } from "@agent-orchestrator/core/decide/refusals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { sessionOfWish, throwIfFailed, viewOf } from "./shared/find.ts";
import { freshSnapshot } from "./shared/snapshot.ts";

const params = z.object({
  session: z.string(),
  method: z.enum(["merge", "squash", "rebase"]).optional(),
  isConfirmed: z.boolean().optional(),
  /** Only this commit, as it was shown. */
  headSha: z.string().optional(),
});

/** Merges the current head, if it may be merged. Where its base has a merge queue, it returns when it is in there. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params,
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  if (call.wish.known === null && (await begin(app, record, { wanted, call })) === "done") {
    return { data: viewOf(app, record.id) };
  }
  const { number, headSha } = call.wish.known?.marks ?? {};
  await app.engine.until(
    (state) => {
      const now = state.sessions[record.id];
      throwIfFailed(app, { id: record.id, kind: "merge", wish: call.wish });
      // A session that ended before it was merged keeps its status, such as killed. Another pull request may have followed.
      if (now === undefined || now.pr.snapshot?.state === "merged") return true;
      if (number !== undefined && now.pr.snapshot?.info.number !== number) return true;
      if (!now.pr.merging && now.pr.queued?.headSha === headSha) return true;
      const failure = now.pr.mergeFailure;
      if (!now.pr.merging && failure && failure.headSha === headSha) {
        throw new AoError("FAILED", `${record.id}: ${failure.reason}`);
      }
      return false;
    },
    { signal: call.signal },
  );
  return { data: viewOf(app, record.id) };
});

type Wanted = z.infer<typeof params>;

/** A forge works out only after a question whether a pull request conflicts, which takes it seconds. */
const PATIENCE_S = 15;

/** The pull request as it is now, once it is known whether it conflicts. */
async function decidedSnapshot(asker: { app: App; call: Call }, record: SessionRecord): Promise<PRSnapshot> {
  for (let asked = 1; ; asked += 1) {
    const { snapshot } = await freshSnapshot(asker, record);
    const isOpenQuestion = snapshot.hasConflicts === null && snapshot.readiness.blockers.length === 1;
    if (snapshot.state !== "open" || !isOpenQuestion || asked > PATIENCE_S) return snapshot;
    await sleep(1000, undefined, { signal: asker.call.signal });
  }
}

async function begin(
  app: App,
  record: SessionRecord,
  { wanted, call }: { wanted: Wanted; call: Call },
): Promise<"begun" | "done"> {
  const snapshot = await decidedSnapshot({ app, call }, record);
  const isQueued = (snapshot.mergeQueue?.position ?? null) !== null;
  if (snapshot.state === "merged" || isQueued) return "done";
  throwIfRefused(refusalOfMerge(record, { snapshot, headSha: wanted.headSha }));
  if (wanted.isConfirmed !== true) {
    const what = `${prName(snapshot.info)} (branch ${record.branch}) of ${record.id}`;
    throw new AoError("REFUSED", `this would merge ${what} into ${snapshot.info.baseBranch}`, {
      hint: "Add --yes to go ahead.",
    });
  }
  const { headSha, info } = snapshot;
  const kept = call.wish.keep({ sessionIds: [record.id], marks: { number: info.number, headSha } });
  app.engine.tell(record.id, [{ kind: "wish-merge", headSha, method: wanted.method ?? null }]);
  await kept;
  return "begun";
}
