import { AoError } from "../model/errors.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
export function findSession(state: State, ref: string): SessionRecord {
  const r = state.sessions[ref];
  if (r === undefined) throw new AoError("NOT_FOUND", `no session ${ref}`);
  return r;
}
export function branchFor(p: {
  template: string | null;
  user: string;
  issue: { id: string; title: string; branchName: string | null } | null;
  trackerBranch: string | null;
  prompt: string | null;
  fallback: string;
}): string {
  return p.trackerBranch ?? p.fallback;
}
export function parseSpawnWords(
  words: string[],
  ctx: { projects: { id: string; path: string }[]; cwd: string },
): { project: string; issues: string[] } {
  const first = words[0];
  const named = ctx.projects.find((p) => p.id === first);
  if (named) return { project: named.id, issues: words.slice(1) };
  const only = ctx.projects[0];
  if (!only) throw new AoError("NOT_FOUND", "no project");
  return { project: only.id, issues: words };
}
