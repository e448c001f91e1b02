import { existsSync } from "node:fs";
import { join } from "node:path";
import { readText } from "@agent-orchestrator/core/host/files";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Layout } from "@agent-orchestrator/core/store/layout";

/**
 * What is left of a project whose config is gone, as far as keeping and removing its session's checkout needs it: its
 * repository, from the note that the workspace plugin wrote. Null if that is gone too.
 */
export function remainsOf(layout: Layout, record: SessionRecord): ProjectConfig | null {
  const { dir } = layout.project(record.instanceId, record.projectId);
  const path = repositoryPath(join(dir, "workspace", "workspaces", `${record.id}.json`));
  if (path === null || !existsSync(path)) return null;
  const none = { plugin: "", options: {} };
  return {
    id: record.projectId,
    instanceId: record.instanceId,
    name: record.projectId,
    repo: null,
    path,
    defaultBranch: record.baseBranch,
    sessionPrefix: record.id.slice(0, record.id.lastIndexOf("-")),
    runtime: { plugin: record.runtime, options: {} },
    agent: { plugin: record.agent, options: {} },
    agents: {},
    workspace: { plugin: record.workspace, options: {} },
    tracker: none,
    scm: none,
    terminal: none,
    agentConfig: {},
    agentRules: null,
    agentRulesFile: null,
    symlinks: [],
    copy: [],
    postCreate: [],
    postCreateTimeoutMs: 0,
    preDestroy: [],
    ports: 0,
    cwd: null,
    sparse: [],
    worktreeDir: null,
    branch: null,
    mergeMethod: null,
  };
}

function repositoryPath(file: string): string | null {
  try {
    const { repoPath } = JSON.parse(readText(file, { maxBytes: 1024 * 1024 }) ?? "{}") as { repoPath?: unknown };
    return typeof repoPath === "string" ? repoPath : null;
  } catch {
    return null; // Damaged or edited by hand counts as gone.
  }
}
