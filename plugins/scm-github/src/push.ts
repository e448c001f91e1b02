import { join } from "node:path";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { CreatePRInput } from "@agent-orchestrator/core/slots/scm";
import { remoteOf } from "@agent-orchestrator/plugin-kit/git/remote";
import { openRepository } from "@agent-orchestrator/plugin-kit/git/repository";
import { type GitHost, git } from "@agent-orchestrator/plugin-kit/git/run";
import type { Desk } from "./desk.ts";

const TIMEOUT_MS = 120_000;

type Pushed = Pick<CreatePRInput, "branch" | "replaces" | "sessionId">;

/** Pushes a session's branch, and nothing else. What is on GitHub and not here is somebody's work: only the commit that the user names is replaced. */
export async function pushBranch(desk: Desk, pushed: Pushed, { signal }: CallOptions = {}): Promise<void> {
  const { branch, replaces } = pushed;
  const { project } = desk;
  const host = gitHostOf(desk);
  const remote = await requireRemote(desk, `to push ${branch} to`);
  const ref = `refs/heads/${branch}`;
  try {
    const where = { cwd: project.path, timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    const lease = replaces === undefined ? [] : [`--force-with-lease=${ref}:${replaces}`];
    await git(host, ["push", "--no-verify", "--quiet", ...lease, remote, `${ref}:${ref}`], where);
  } catch (error) {
    signal?.throwIfAborted();
    throw pushError(error, pushed);
  }
}

export const gitHostOf = ({ context }: Desk): GitHost => ({
  env: () => context.env(),
  scratch: join(context.stateDir, "scratch"),
  clock: context.clock,
});

export async function requireRemote(desk: Desk, forWhat: string): Promise<string> {
  const { path } = desk.project;
  const remote = await remoteOf(gitHostOf(desk), await openRepository(path));
  if (remote !== null) return remote;
  throw new AoError("CONFIG", `${path} has no remote ${forWhat}`, {
    hint: `git remote add origin git@github.com:${desk.repo.owner}/${desk.repo.name}.git`,
  });
}

function pushError(error: unknown, { branch, replaces, sessionId = "app-1" }: Pushed): unknown {
  if (!isAoError(error)) return error;
  if (replaces !== undefined && /stale info|rejected/i.test(error.message)) {
    return new AoError(
      "REFUSED",
      `${branch} is no longer at ${replaces.slice(0, 7)} on GitHub: somebody has pushed to it`,
      {
        cause: error,
        hint: "Look at it with `git fetch`, and do not throw it away.",
      },
    );
  }
  if (/non-fast-forward|fetch first|rejected/i.test(error.message)) {
    return new AoError("REFUSED", `GitHub has commits on ${branch} that are not here`, {
      cause: error,
      hint: `Look at them with \`git fetch\` and merge them. If ${branch} was rebased: ao pr create --session ${sessionId} --force-with-lease`,
    });
  }
  return new AoError("UNAVAILABLE", `could not push ${branch}: ${oneLine(error.message, 200)}`, {
    cause: error,
    hint: "Try `git push` in the project's folder. Git must be able to push there without asking.",
  });
}
