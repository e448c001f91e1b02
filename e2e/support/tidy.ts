import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { daemonsOf } from "./processes.ts";
import type { Sandbox } from "./sandbox.ts";

/** What is left over that belongs to no session, and what a session lacks. Empty if everything is in order. */
export async function untidy(box: Sandbox): Promise<string[]> {
  const status = await box.ask("status", { all: true });
  if (!status.ok) return [`no answer: ${JSON.stringify(status.error)}`];
  const sessions = status.data;
  const problems = [
    ...difference("worktree", box.worktrees(), pathsOf(sessions)),
    ...difference(
      "branch",
      box.branches(),
      sessions.map(({ branch }) => branch),
    ),
    ...difference("tmux session", tmuxSessions(box), namesOf(sessions)),
    ...lockFiles(join(box.repo.path, ".git")).map((file) => `lock file ${file}`),
    ...sessions
      .filter(({ status }) => status === "spawning" || status === "cleanup")
      .map(({ id, status }) => `${id} is ${status}`),
  ];
  if (box.repo.git("worktree", "list", "--porcelain").includes("locked initializing"))
    problems.push("a half-made worktree");
  if (daemonsOf(box.home).length !== 1) problems.push(`${daemonsOf(box.home).length} daemons`);
  for (const { id } of sessions) {
    const explained = await box.ask("explain", { session: id });
    if (!explained.ok) problems.push(`${id} cannot be explained`);
    else problems.push(...explained.data.pending.map((text) => `${id}: ${text}`));
  }
  return problems;
}

function difference(what: string, found: string[], wanted: string[]): string[] {
  const extra = found.filter((name) => !wanted.includes(name)).map((name) => `orphan ${what} ${name}`);
  const missing = wanted.filter((name) => !found.includes(name)).map((name) => `missing ${what} ${name}`);
  const twice = found.filter((name, at) => found.indexOf(name) !== at).map((name) => `${what} ${name} twice`);
  return [...extra, ...missing, ...twice];
}

const pathsOf = (sessions: SessionView[]): string[] =>
  sessions.flatMap(({ workspacePath, isArchived }) => (workspacePath === null || isArchived ? [] : [workspacePath]));

const namesOf = (sessions: SessionView[]): string[] =>
  sessions.filter(({ pid, runtime }) => pid !== null && runtime === "tmux").map(({ id }) => id);

function tmuxSessions(box: Sandbox): string[] {
  try {
    return box
      .tmux("list-sessions", "-F", "#{session_name}")
      .split("\n")
      .filter((name) => /^[0-9a-f]{12}-/.test(name))
      .map((name) => name.slice(13));
  } catch {
    return []; // no server: no sessions
  }
}

function lockFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return entry.name === "objects" ? [] : lockFiles(path);
    return entry.name.endsWith(".lock") ? [path] : [];
  });
}
