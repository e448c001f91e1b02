import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import { override, tomlList, tomlString } from "./config.ts";

/** Where a commit in this checkout writes outside the checkout itself. */
export interface GitFolders {
  /** Of the repository: objects, refs, hooks, config. */
  commonDir: string;
  /** Of this checkout: HEAD, index. The same as `commonDir` unless it is a linked worktree. */
  gitDir: string;
}

interface Policy {
  sandbox: "workspace-write" | "danger-full-access";
  approval: "on-request" | "never";
  reviewer?: "user" | "auto_review";
}

const POLICIES: Readonly<Record<PermissionMode, Policy>> = {
  default: { sandbox: "workspace-write", approval: "on-request" },
  edits: { sandbox: "workspace-write", approval: "on-request", reviewer: "user" },
  auto: { sandbox: "workspace-write", approval: "on-request", reviewer: "auto_review" },
  skip: { sandbox: "danger-full-access", approval: "never" },
};

/**
 * Arguments for the app server, which enforces them. `writable`: folders outside the checkout that the modes `edits` and `auto`
 * open.
 */
export function serverPermissions(mode: PermissionMode, writable: readonly string[]): string[] {
  const { sandbox, approval, reviewer } = POLICIES[mode];
  const words = [
    ...override("sandbox_mode", tomlString(sandbox)),
    ...override("approval_policy", tomlString(approval)),
    ...(reviewer === undefined ? [] : override("approvals_reviewer", tomlString(reviewer))),
  ];
  if (writable.length === 0 || (mode !== "edits" && mode !== "auto")) return words;
  return [...words, ...override("sandbox_workspace_write.writable_roots", tomlList(writable))];
}

/**
 * Arguments for the terminal program, which starts a new conversation with the sandbox of its own config, whatever its server has.
 * It refuses any when it resumes. Then the server's apply.
 */
export function terminalPermissions(mode: PermissionMode): string[] {
  return override("sandbox_mode", tomlString(POLICIES[mode].sandbox));
}

/**
 * Codex's sandbox keeps git's folders read-only, which prevents every commit. In a linked worktree these four are enough. The
 * repository's hooks and config, from which git would run programs, stay read-only.
 */
export function writableForCommits({ commonDir, gitDir }: GitFolders): string[] {
  if (gitDir === commonDir) return [commonDir];
  return [`${commonDir}/objects`, `${commonDir}/refs`, `${commonDir}/logs`, gitDir];
}
