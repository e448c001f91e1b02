import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { z } from "zod";
import type { App, Handler } from "../app.ts";
import { sessionOf } from "./find.ts";
import { noteSnapshot } from "./snapshot.ts";

export const params = z.object({
  title: z.string().max(500).optional(),
  body: z.string().max(65_536).optional(),
  session: z.string().optional(),
});

/** The pull request of the session the caller runs in; the existing one if there is one. */
export const run: Handler<"pr-create"> = async (app, wanted, call) => {
  const reference = wanted.session ?? call.agentSession ?? app.world.sessionAt(call.caller.cwd);
  if (reference === null) {
    throw new AoError("USAGE", "which session? `ao pr create` is called from within a session's folder", {
      hint: "Name it: --session app-1",
    });
  }
  const record = sessionOf(app, reference);
  const project = app.world.project(record);
  if (project === null) throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`);
  const scm = await app.world.plugins(record).scm();
  if (scm.createPR === undefined) throw new AoError("UNAVAILABLE", "this scm cannot open pull requests from here");
  await mustBeOnItsBranch(app, record, project);
  const existing = await scm.detectPR(app.world.pluginSession(record), project);
  const info =
    existing ??
    (await scm.createPR({
      title: wanted.title ?? record.task.issue?.title ?? record.branch,
      body: wanted.body ?? "",
      branch: record.branch,
      baseBranch: record.baseBranch ?? project.defaultBranch ?? "main",
      sessionId: record.id,
    }));
  try {
    await noteSnapshot(app, record, { scm, info });
  } catch (error) {
    // It is open all the same; the next look at it tells the rest.
    app.world.log.warn(`${record.id}: pull request #${info.number}: ${toAoError(error).message}`);
    app.observers.wake(record.id);
  }
  return { data: { number: info.number, url: info.url, isNew: existing === null } };
};

/** Commits on another branch would not be in the pull request. */
async function mustBeOnItsBranch(app: App, record: SessionRecord, project: ProjectConfig): Promise<void> {
  const { inspect } = await app.world.plugins(record).workspace();
  if (inspect === undefined || record.workspacePath === null) return;
  const { branch } = await inspect(record.workspacePath, project);
  if (branch === null || branch === record.branch) return;
  throw new AoError("REFUSED", `this checkout is on ${branch}, and the branch of ${record.id} is ${record.branch}`, {
    hint: `Bring the commits there: git switch ${record.branch} && git merge ${branch}`,
  });
}
