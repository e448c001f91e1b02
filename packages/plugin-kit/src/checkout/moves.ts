import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import { openRepository } from "../git/repository.ts";
import { withRepoLock } from "../repo-lock.ts";
import { isThere } from "./inside.ts";
import type { Making } from "./kind.ts";
import { claimWorkTree } from "./work-tree.ts";

type Moves = Required<Pick<Workspace, "connection" | "reconnect" | "release">>;

/** What becomes of a checkout when it or its repository was moved, or when `ao` lets go of it. */
export function afterMoves(making: (path: string) => Promise<Making>): Moves {
  const inLock = async (
    { path, project }: { path: string; project: ProjectConfig },
    work: (ready: Making, repo: Awaited<ReturnType<typeof openRepository>>) => Promise<void>,
  ): Promise<void> => {
    const ready = await making(path);
    const repo = await openRepository(project.path);
    await withRepoLock(repo.commonDir, () => work(ready, repo));
  };
  return {
    async connection(path, project, { sessionId }) {
      const { kind, records } = await making(path);
      const found = await kind.connection(await openRepository(project.path), { path, sessionId });
      const record = await records.read(sessionId);
      // The note names the repository too, for when there is no config to name it.
      const isStale = record !== null && !(await isThere(record.repoPath));
      return found === "connected" && isStale ? "moved" : found;
    },
    reconnect: (path, project, { sessionId }) =>
      inLock({ path, project }, async ({ kind, host, records }, repo) => {
        await kind.reconnect(host, repo, { path, sessionId });
        await claimWorkTree(host, await kind.at(repo, path));
        const record = await records.read(sessionId);
        if (record !== null) await records.write({ ...record, path, repoPath: project.path });
      }),
    release: (path, project, { sessionId }) =>
      inLock({ path, project }, async ({ kind, records }, repo) => {
        await kind.release(repo, { path, sessionId });
        await records.remove(sessionId);
      }),
  };
}
