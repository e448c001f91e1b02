import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Workspace, WorkspaceCreateConfig, WorkspaceInfo } from "@agent-orchestrator/core/slots/workspace";
import type { Faults } from "./faults.ts";
import type { MemoryRepository } from "./repository.ts";

interface Checkout {
  info: WorkspaceInfo;
  /** Changed files that are not committed. */
  changed: string[];
}

type Methods = Required<
  Omit<Workspace, "name" | "freeBranch" | "getDiff" | "publish" | "connection" | "reconnect" | "release">
>;

export interface MemoryWorkspace extends Methods {
  /** The current checkouts, by path. */
  readonly checkouts: Map<string, Checkout>;
  readonly kept: Map<string, Checkout>;
  /** How often each session's checkout was actually created. */
  readonly made: Map<string, number>;
  readonly ran: string[];
  edit(path: string, file: string): void;
  /** Tells the watchers of this checkout that HEAD moved. */
  move(path: string): void;
}

interface Land {
  repository: MemoryRepository;
  checkouts: Map<string, Checkout>;
  kept: Map<string, Checkout>;
  made: Map<string, number>;
}

/** Checkouts that are rows of a list, over a repository in memory. */
export function memoryWorkspace({
  repository,
  faults,
}: {
  repository: MemoryRepository;
  faults: Faults;
}): MemoryWorkspace {
  const land: Land = { repository, checkouts: new Map(), kept: new Map(), made: new Map() };
  const ran: string[] = [];
  const watchers = new Map<string, Set<() => void>>();
  const { checkouts, kept } = land;
  return {
    ...land,
    ran,
    edit: (path, file) => void checkouts.get(path)?.changed.push(file),
    check: (config) => faults.run("workspace.check", undefined, () => void config),
    create: (config, options) => faults.run("workspace.create", options, () => make(land, config)),
    destroy: (path, options) => faults.run("workspace.destroy", options, () => void checkouts.delete(path)),
    list: (projectId) =>
      faults.run("workspace.list", undefined, () =>
        [...checkouts.values()].map(({ info }) => info).filter((info) => info.projectId === projectId),
      ),
    postCreate: (info, _project, options) =>
      faults.run("workspace.postCreate", options, () => void ran.push(`postCreate ${info.sessionId}`)),
    preDestroy: (info, _project, options) =>
      faults.run("workspace.preDestroy", options, () => void ran.push(`preDestroy ${info.sessionId}`)),
    watch: (path, onMove) =>
      faults.run("workspace.watch", undefined, () => {
        const own = watchers.get(path) ?? new Set();
        watchers.set(path, own.add(onMove));
        return { stop: async () => void own.delete(onMove) };
      }),
    move: (path) => {
      for (const onMove of watchers.get(path) ?? []) onMove();
    },
    adoptBranch: (path, _project, options) =>
      faults.run("workspace.adoptBranch", options, () => {
        const checkout = checkouts.get(path);
        if (checkout !== undefined) checkout.info = { ...checkout.info, branch: options.branch };
      }),
    guardPushes: (_path, _project, { branch }) =>
      faults.run("workspace.guardPushes", undefined, () => ({ key: "memory.branch", value: branch })),
    switchBranch: (path, _project, options) =>
      faults.run("workspace.switchBranch", options, () => {
        const checkout = checkouts.get(path);
        if (checkout === undefined) throw new AoError("NOT_FOUND", `no checkout at ${path}`);
        if (checkout.changed.length > 0) throw new AoError("REFUSED", `${path} has uncommitted changes`);
        checkout.info = { ...checkout.info, branch: options.branch };
      }),
    exists: (path) => faults.run("workspace.exists", undefined, () => checkouts.has(path)),
    restore: (config, path) => faults.run("workspace.restore", undefined, () => bringBack(land, config, path)),
    preserve: (path, _project, options) =>
      faults.run("workspace.preserve", options, () => {
        const checkout = checkouts.get(path);
        if (checkout === undefined) throw new AoError("NOT_FOUND", `no checkout at ${path}`);
        kept.set(options.into, structuredClone(checkout));
        return { path: options.into, bytes: 1 };
      }),
    inspect: (path, _project, options) =>
      faults.run("workspace.inspect", options, () => {
        const checkout = checkouts.get(path);
        if (checkout === undefined) throw new AoError("NOT_FOUND", `no checkout at ${path}`);
        const { branch } = checkout.info;
        const commitsAhead = repository.ahead(branch, options?.baseBranch ?? "main");
        return {
          branch,
          headSha: repository.head(branch),
          commitsAhead,
          changedFiles: checkout.changed.length,
          unpushedCommits: 0,
          operation: null,
        };
      }),
    undo: (config) =>
      faults.run("workspace.undo", undefined, () => {
        checkouts.delete(config.path);
      }),
  };
}

/** All or nothing. A second call for the same session finds what the first one created. */
function make({ repository, checkouts, made }: Land, config: WorkspaceCreateConfig): WorkspaceInfo {
  const there = checkouts.get(config.path);
  if (there !== undefined) {
    if (there.info.sessionId === config.sessionId) return there.info;
    throw new AoError("REFUSED", `${config.path} is taken`);
  }
  const baseBranch = config.baseBranch ?? "main";
  const base = repository.head(baseBranch);
  if (base === null) throw new AoError("CONFIG", `no base branch ${baseBranch}`);
  if (repository.head(config.branch) === null) repository.branchAt(config.branch, base);
  const { sessionId, projectId, branch, path } = config;
  const info = { path, branch, sessionId, projectId, baseBranch, baseSha: base, notes: [] };
  checkouts.set(path, { info, changed: [] });
  made.set(sessionId, (made.get(sessionId) ?? 0) + 1);
  return info;
}

function bringBack(land: Land, config: WorkspaceCreateConfig & { preserved?: string }, path: string): WorkspaceInfo {
  const info = make(land, { ...config, path });
  const kept = config.preserved === undefined ? undefined : land.kept.get(config.preserved);
  const checkout = land.checkouts.get(path);
  if (kept !== undefined && checkout !== undefined) checkout.changed = [...kept.changed];
  return info;
}
