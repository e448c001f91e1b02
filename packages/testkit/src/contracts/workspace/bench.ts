import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Workspace, WorkspaceCreateConfig } from "@agent-orchestrator/core/slots/workspace";
import { pluginContext, projectConfig } from "../../plugin-context.ts";
import { tempDir } from "../../temp-dir.ts";
import { type TempRepo, tempRepo } from "../../temp-repo.ts";

export interface WorkspaceContract {
  create(context: PluginContext): Required<Workspace>;
  /** What this kind of checkout shares or lacks. Tests that make no sense for it are skipped with this reason. */
  lacks: { sharedRefs?: string };
  /** How many generated states are kept, removed and restored by default. `AO_STATES` sets another number. */
  states: number;
}

/** A project with its repository, and a workspace plugin over it. */
export interface Bench {
  workspace: Required<Workspace>;
  repo: TempRepo;
  project: ProjectConfig;
  home: string;
  /** What `create` would be given for session n. */
  config(more?: Partial<WorkspaceCreateConfig>): WorkspaceCreateConfig;
  /** Runs git in a checkout as the agent would. */
  gitIn(path: string, ...args: string[]): string;
}

export interface BenchOptions {
  files?: Record<string, string>;
  project?: Partial<ProjectConfig>;
  env?: Record<string, string>;
  repo?: TempRepo;
  home?: string;
}

export function bench(contract: WorkspaceContract, options: BenchOptions = {}): Bench {
  const repo = options.repo ?? tempRepo(options.files);
  const home = options.home ?? tempDir("ao-home");
  const project = projectConfig({ path: repo.path, ...options.project });
  const env = () => ({ ...repo.env, ...options.env });
  const workspace = contract.create(pluginContext({ home, project, env }));
  mkdirSync(join(home, "worktrees"), { recursive: true });
  return {
    workspace,
    repo,
    project,
    home,
    config: (more = {}) => {
      const sessionId = more.sessionId ?? "app-1";
      const path = join(home, "worktrees", sessionId);
      return { projectId: project.id, sessionId, project, branch: "feat/42", path, ...more };
    },
    gitIn: (path, ...args) => repo.git("-C", path, ...args),
  };
}

/** Every file below a folder with its kind, permissions and bytes. `leaveOut` lists entries of the top folder to skip. */
export function snapshot(root: string, leaveOut: readonly string[] = []): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (dir: Buffer, prefix: string): void => {
    for (const name of readdirSync(dir, { encoding: "buffer" }).sort(Buffer.compare)) {
      const text = name.toString("latin1");
      if (prefix === "" && leaveOut.includes(text)) continue;
      const path = Buffer.concat([dir, Buffer.from("/"), name]);
      const stat = lstatSync(path);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) {
        seen[`${prefix}${text}/`] = mode;
        visit(path, `${prefix}${text}/`);
      } else if (stat.isSymbolicLink()) seen[prefix + text] = `-> ${readlinkSync(path, "latin1")}`;
      else if (stat.isFile()) seen[prefix + text] = `${mode} ${sha(readFileSync(path))}`;
      else seen[prefix + text] = "special";
    }
  };
  visit(Buffer.from(root), "");
  return seen;
}

const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
