import { readdirSync } from "node:fs";
import { join } from "node:path";
import { listDir } from "@agent-orchestrator/core/host/files";
import { SessionId } from "@agent-orchestrator/core/model/ids";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { projectsIn } from "@agent-orchestrator/core/store/layout";
import type { App } from "../app.ts";

/** Checkouts and running programs that belong to no session `ao` knows: what a lost log leaves behind. */
export async function strangerRows(app: App): Promise<DoctorRow[]> {
  const known = app.engine.state.sessions;
  const rows: DoctorRow[] = [];
  for (const worktrees of worktreeFolders(app)) {
    for (const id of checkoutsIn(worktrees)) {
      if (!SessionId.safeParse(id).success || Object.hasOwn(known, id) || isEmpty(join(worktrees, id))) continue;
      rows.push({
        area: "state",
        level: "warning",
        text: `${join(worktrees, id)}: a checkout of a session that ao doesn't know`,
        hint: "Look for work in it. Commit and push what you need, then remove it with `git worktree remove -f -f`.",
      });
    }
  }
  for (const { sessionId, handle } of await running(app)) {
    if (Object.hasOwn(known, sessionId)) continue;
    rows.push({
      area: "state",
      level: "warning",
      text: `${handle.runtimeName} runs ${handle.id}, which belongs to no session that ao knows`,
      hint: "`ao stop --sessions` ends it with all others.",
    });
  }
  return rows;
}

function worktreeFolders({ home, store }: App): string[] {
  return projectsIn(home).map(({ instanceId, projectId }) => store.layout.project(instanceId, projectId).worktrees);
}

/** One folder that cannot be listed must not hide all other rows. A link in its place has a row of its own. */
function checkoutsIn(worktrees: string): string[] {
  try {
    return listDir(worktrees) ?? [];
  } catch {
    return [];
  }
}

function isEmpty(dir: string): boolean {
  try {
    return readdirSync(dir).length === 0;
  } catch {
    return false; // Something is there, whatever it is.
  }
}

async function running(app: App) {
  const lists = app.plugins.runtimes().map(async (made) => {
    const runtime = (await made.catch(() => null)) as Runtime | null; // it was never created
    return (await runtime?.list?.().catch(() => [])) ?? []; // not running, which is reported elsewhere
  });
  return (await Promise.all(lists)).flat();
}
