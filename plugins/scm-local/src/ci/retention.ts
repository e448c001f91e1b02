import { join } from "node:path";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import type { Desk } from "../desk.ts";
import type { CommitChecks } from "../records.ts";
import type { Candidate } from "./job.ts";

/** How many unused results and logs are kept, those of superseded heads and older bases. */
const KEPT = 100;

/** Removes the oldest results and logs of commits that no pull request uses. Throws REFUSED if `logs` is a link. */
export async function pruneChecks(desk: Desk, candidates: readonly Candidate[], kept = KEPT): Promise<void> {
  const used = new Set([
    ...candidates.flatMap(({ head, base }) => [head, base]),
    ...[...desk.prs.all().values()].map((record) => record.headSha),
  ]);
  const old = [...desk.checks.all().values()].filter((commit) => !used.has(commit.sha));
  old.sort((a, b) => (lastTime(a) < lastTime(b) ? 1 : -1));
  for (const { sha } of old.slice(kept)) {
    await removeTree(join(desk.context.stateDir, "logs", sha));
    desk.checks.remove(sha);
  }
}

function lastTime(commit: CommitChecks): string {
  const times = Object.values(commit.results).map((result) => result.completedAt);
  return [commit.setupFailure?.at ?? "", ...times].sort().at(-1) ?? "";
}
