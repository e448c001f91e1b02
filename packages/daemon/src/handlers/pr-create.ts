import { proposalOf } from "@agent-orchestrator/core/act/pull-request";
import { refusalOfProposal, refusalOfPush } from "@agent-orchestrator/core/decide/refusals";
import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { requireProject } from "../sessions/project-place.ts";
import { sessionOfWish } from "./shared/find.ts";
import { noteSnapshot } from "./shared/snapshot.ts";

/** Opens the pull request of the session in which the caller runs, or returns the existing one. */
export const request = defineRequest({
  access: "own",
  effect: "change",
  params: z.object({
    title: z.string().max(500).optional(),
    body: z.string().max(65_536).optional(),
    session: z.string().optional(),
    forceWithLease: z.boolean().optional(),
  }),
}).returns<{ number: number; url: string; isNew: boolean }>(async (app, wanted, call) => {
  const reference = wanted.session ?? call.agentSession ?? app.world.sessionAt(call.caller.cwd);
  if (reference === null) {
    throw new AoError("USAGE", "which session? `ao pr create` was not run in a session's folder", {
      hint: "Run it there, or name the session: --session app-1.",
    });
  }
  if (wanted.forceWithLease === true && call.agentSession !== null) {
    throw new AoError("NOT_PERMITTED", "only you may replace what was pushed", {
      hint: "Merge what is on the remote branch instead.",
    });
  }
  const asked = await sessionOfWish(app, reference, call);
  const project = requireProject(app, asked);
  throwIfRefused(refusalOfPush(asked));
  const { record, headSha } = await onItsBranch(app, asked, { project, signal: call.signal });
  const scm = await app.world.plugins(record).scm();
  const createPR = scm.createPR?.bind(scm);
  if (createPR === undefined) throw new AoError("UNAVAILABLE", "this scm cannot open pull requests from here");
  const ask = <T>(question: (signal: AbortSignal) => Promise<T>) => askPlugin({ app, call }, "the scm", question);
  const newest = await ask((signal) => scm.detectPR(app.world.pluginSession(record), project, { signal }));
  const before = call.wish.known?.marks?.newest;
  if (newest !== null && before !== undefined && newest.number > Number(before)) {
    return { data: { number: newest.number, url: newest.url, isNew: true } }; // opened by this request
  }
  const state = newest === null ? null : await ask((signal) => scm.getPRState(newest, { signal }));
  const isOpen = state === "open" || state === "draft";
  if (newest !== null && !isOpen) {
    throwIfRefused(refusalOfProposal(record, { number: newest.number, headSha, state: state ?? "closed" }));
  }
  const existing = isOpen ? newest : null;
  await call.wish.keep({ sessionIds: [record.id], marks: { newest: newest?.number ?? 0 } });
  const input = { ...proposalOf(record, project, wanted), ...(wanted.forceWithLease === true ? leaseOf(record) : {}) };
  // On a forge this pushes what was committed since, too.
  const info = await ask((signal) => createPR(input, { signal }));
  failpoint("pr-create.opened");
  try {
    await noteSnapshot({ app, call }, record, { scm, info });
  } catch (error) {
    // It is open all the same. The next look at it shows the rest.
    app.world.log.warn(`${record.id}: pull request #${info.number}: ${toAoError(error).message}`);
    app.observers.wake(record.id);
  }
  return { data: { number: info.number, url: info.url, isNew: existing === null } };
});

/** Only the head that was shown last is replaced. What somebody has pushed since stays. */
function leaseOf({ id, pr: { snapshot: pr } }: SessionRecord): { replaces: string } {
  if (pr !== null) return { replaces: pr.headSha };
  throw new AoError("REFUSED", `${id} has no pull request yet, so there is nothing to replace`);
}

/**
 * The session, on the branch of its checkout, and the commit. A branch that the agent created belongs to the session from
 * now on. Commits on any other branch would not be in the pull request.
 */
async function onItsBranch(
  app: App,
  record: SessionRecord,
  { project, signal }: { project: ProjectConfig; signal: AbortSignal },
): Promise<{ record: SessionRecord; headSha: string | null }> {
  const { inspect } = await app.world.plugins(record).workspace();
  if (inspect === undefined || record.workspacePath === null) return { record, headSha: null };
  const { branch, headSha } = await inspect(record.workspacePath, project);
  if (branch === null || branch === record.branch) return { record, headSha };
  const refused = (reason: string) =>
    new AoError(
      "REFUSED",
      `this checkout is on ${branch}, and the branch of ${record.id} is ${record.branch}: ${reason}`,
      {
        hint: `Move the commits there: git switch ${record.branch} && git merge ${branch}`,
      },
    );
  app.engine.tell(record.id, [{ kind: "wish-branch", branch, headSha }]);
  await app.engine.settled();
  const now = () => app.engine.state.sessions[record.id] ?? record;
  if (now().branch !== branch && now().stray?.branch !== branch) throw refused("the session has ended");
  await app.engine.until(() => now().stray?.branch !== branch || now().stray?.reason !== null, { signal });
  const { stray } = now();
  if (now().branch !== branch) throw refused(stray?.reason ?? "the session did not follow it");
  return { record: now(), headSha };
}
