import { hasOpenPr } from "@agent-orchestrator/core/decide/facts-of";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { snapshotOf } from "@agent-orchestrator/core/observe/snapshot";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import type { App, Call } from "../../app.ts";
import { askPlugin } from "../../registry/ask-plugin.ts";
import { requireProject } from "../../sessions/project-place.ts";

interface Asking {
  app: App;
  call: Pick<Call, "signal">;
}

/** Asks the scm now, commits the answer, and returns both. Throws NOT_FOUND without a pull request. */
export async function freshSnapshot(
  asker: Asking,
  record: SessionRecord,
): Promise<{ scm: SCM; info: PRInfo; snapshot: PRSnapshot }> {
  const { app } = asker;
  const project = requireProject(app, record);
  app.configs.requireTrusted(record.instanceId);
  const scm = await app.world.plugins(record).scm();
  const known = record.pr.snapshot?.info ?? null;
  // A finished one may have been followed by another since.
  const found = hasOpenPr(record)
    ? known
    : await askPlugin(asker, "the scm", (signal) => scm.detectPR(app.world.pluginSession(record), project, { signal }));
  const info = found ?? known;
  if (info === null) {
    throw new AoError("NOT_FOUND", `${record.id} has no pull request yet`, {
      hint: "It is opened when a turn ends with commits, or by `ao pr create` from within the session.",
    });
  }
  return { scm, info, snapshot: await noteSnapshot(asker, record, { scm, info }) };
}

/** The pull request as it is now, which is also written to the state. */
export async function noteSnapshot(
  asker: Asking,
  record: SessionRecord,
  { scm, info }: { scm: SCM; info: PRInfo },
): Promise<PRSnapshot> {
  const { app } = asker;
  const snapshot = await askPlugin(asker, "the scm", async (signal) => {
    const [found] = (await scm.getSnapshots?.([info], { signal, isFresh: true })) ?? [];
    return found ?? snapshotOf(scm, info, { signal });
  });
  app.engine.tell(record.id, [{ kind: "pr", snapshot }]);
  await app.engine.settled();
  return snapshot;
}
