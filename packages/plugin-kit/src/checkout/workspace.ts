import { dirname } from "node:path";
import { requireNoLinkAbove } from "@agent-orchestrator/core/host/guarded";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type {
  DiffOptions,
  InspectOptions,
  Workspace,
  WorkspaceCreateConfig,
  WorkspaceState,
} from "@agent-orchestrator/core/slots/workspace";
import { sweepTrash } from "../files/remove-tree.ts";
import { freeBranchName } from "../git/free-branch.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { watchHead } from "../git/watch-head.ts";
import { withRepoLock } from "../repo-lock.ts";
import { adoptBranch } from "./adopt.ts";
import { runProjectCommands } from "./commands.ts";
import { type CheckoutHost, checkoutHosts } from "./host.ts";
import { diffCheckout, type InspectRequest, inspectCheckout } from "./inspect.ts";
import { isFolder, keepWork, type Place, removeCheckout } from "./keep-and-remove.ts";
import type { CheckoutKind, Making } from "./kind.ts";
import { bringBack, makeWorkspace } from "./make.ts";
import { afterMoves } from "./moves.ts";
import { planBranch } from "./plan.ts";
import { guardPushes } from "./push-guard.ts";
import { infoOf, type WorkspaceRecord, workspaceRecords } from "./records.ts";
import { removalNotes } from "./removals.ts";
import { finishRemovals } from "./remove-kept.ts";
import { sharedConfigOf } from "./shared-config.ts";
import { switchBranch } from "./switch.ts";
import { settleRecord, undoRecord } from "./undo.ts";

/** A workspace plugin whose checkouts are of one kind. */
export function checkoutWorkspace(context: PluginContext | undefined, kind: CheckoutKind): Required<Workspace> {
  const { reader, writer } = checkoutHosts(context, kind.name);
  const records = workspaceRecords(reader.stateDir);
  const removals = removalNotes(reader.stateDir);
  const { clock } = reader;
  const making = makingOf({ kind, writer, records, removals });
  const reading: Making = { kind, host: reader, records, removals };

  return {
    name: kind.name,
    create: async (config, options = {}) => makeWorkspace(await making(config.path), config, options),
    check: async (config) => checkBranch({ ...reading, host: await writer() }, config),
    undo: async (config) => takeBack(await making(config.path), config),
    destroy: async (path, options = {}) =>
      removeCheckout(making, { path, project: context?.project, kept: options.preserved ?? null }),
    async list(projectId) {
      const ready = (await records.all()).filter(
        (record) => record.projectId === projectId && record.stage === "ready",
      );
      const there = await Promise.all(ready.map((record) => isFolder(record.path)));
      return ready.filter((_, at) => there[at]).map(infoOf);
    },
    exists: isReachable,
    watch: async (path, onMove, options) => watchHead(path, clock, onMove, options),
    async postCreate(info, project, options) {
      await runProjectCommands({ clock, key: "postCreate", lines: project.postCreate }, { info, project, options });
      await noteSharedConfig(reading, info.path, project);
    },
    preDestroy: (info, project, options) =>
      runProjectCommands({ clock, key: "preDestroy", lines: project.preDestroy }, { info, project, options }),
    async restore(config, path) {
      const ready = await making(path);
      if (config.preserved !== undefined) return bringBack(ready, { ...config, path }, config.preserved);
      return makeWorkspace(ready, { ...config, path, useExistingBranch: true }, {});
    },
    preserve: async (path, project, options) => keepWork(making, { path, project, options }),
    inspect: (path, project, options) => inspect(reading, { path, project, options }),
    getDiff: async (path, project, options = {}) => showDiff(reading, { path, project, options }),
    async freeBranch(wanted, project, { taken = [] } = {}) {
      const promised = (await records.all()).map((record) => record.branch);
      return freeBranchName(await openRepository(project.path), wanted, [...taken, ...promised]);
    },
    adoptBranch: async (path, project, options) => adoptBranch(await making(path), { path, project, options }),
    async guardPushes(path, project, { sessionId, ...options }) {
      const checkout = await kind.at(await openRepository(project.path), path);
      return guardPushes(checkout, { ...options, folder: records.hooksOf(sessionId) });
    },
    switchBranch: async (path, project, options) => switchBranch(await making(path), { path, project, options }),
    ...afterMoves(making),
    async publish(path, project) {
      const { host } = await making(path);
      const repo = await openRepository(project.path);
      await withRepoLock(repo.commonDir, async () => kind.publish?.(host, repo, await kind.at(repo, path)));
    },
  };
}

interface Parts extends Omit<Making, "host"> {
  writer(): Promise<CheckoutHost>;
}

/** What a call that changes something at `path` needs. Earlier calls that did not finish are finished first. */
function makingOf({ writer, ...parts }: Parts): (path: string) => Promise<Making> {
  const swept = new Set<string>();
  let settled: Promise<void> | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async (path) => {
    const ready: Making = { ...parts, host: await writer() };
    const { clock, log } = ready.host;
    requireNoLinkAbove(path);
    const parent = dirname(path);
    if (!swept.has(parent)) await sweepTrash(parent, log);
    swept.add(parent);
    settled ??= endRemovals(ready);
    await settled;
    if (clock.monotonic() - lookedAtMs > LOOK_AGAIN_MS) {
      lookedAtMs = clock.monotonic();
      await finishRemovals(ready, { which: ({ stage }) => stage === "forgotten", isCopiedInUse: false });
    }
    return ready;
  };
}

/** What the project's own commands changed, such as a hook manager's `core.hooksPath`, is no change by an agent. */
async function noteSharedConfig({ kind, host, records }: Making, path: string, project: ProjectConfig): Promise<void> {
  const record = project.postCreate.length === 0 ? null : await records.byPath(path);
  if (record?.sharedConfig === undefined) return;
  const sharedConfig = await sharedConfigOf(host, await kind.at(await openRepository(project.path), path));
  if (sharedConfig !== null) await records.write({ ...record, sharedConfig });
}

/** Throws what `create` would throw for this branch. */
async function checkBranch(
  { kind, host, records }: Making,
  config: Parameters<NonNullable<Workspace["check"]>>[0],
): Promise<void> {
  const repo = await openRepository(config.project.path);
  const plan = await planBranch(host, { repo, config, records });
  if (!plan.isNew) await kind.checkUnused?.(host, repo, config.branch);
}

/** Finishes removals that a killed daemon left behind. A failure stops nothing, because the next call tries again. */
async function endRemovals(making: Making): Promise<void> {
  await finishRemovals(making, { which: ({ stage }) => stage !== "forgotten", isCopiedInUse: true });
  for (const record of await making.records.all()) {
    if (record.stage !== "removing") continue;
    try {
      const repo = await openRepository(record.repoPath);
      await withRepoLock(repo.commonDir, () => settleRecord(making, repo, record));
    } catch (error) {
      making.host.log.warn("an earlier removal could not be finished", { path: record.path, error: String(error) });
    }
  }
}

/** How often checkouts that were left aside are looked at again. */
const LOOK_AGAIN_MS = 60_000;

async function request(
  { kind }: Making,
  { path, project, options = {} }: Place & { options: InspectOptions | undefined },
): Promise<InspectRequest> {
  const repo = await openRepository(project.path);
  const checkout = await kind.at(repo, path);
  return { repo: kind.refsOf(repo, checkout), into: repo, project, options, checkout };
}

async function inspect(
  making: Making,
  place: Place & { options: InspectOptions | undefined },
): Promise<WorkspaceState> {
  const { host, records } = making;
  const wanted = await request(making, place);
  const [state, sharedConfig] = await Promise.all([
    inspectCheckout(host, wanted),
    sharedConfigOf(host, wanted.checkout),
  ]);
  if (sharedConfig === null) return state;
  // Whoever has seen it before knows how its config was before.
  if (place.options?.known !== undefined) return { ...state, sharedConfig };
  const sharedConfigBefore = (await records.byPath(place.path))?.sharedConfig;
  return { ...state, sharedConfig, ...(sharedConfigBefore === undefined ? {} : { sharedConfigBefore }) };
}

async function showDiff(making: Making, { path, project, options }: Place & { options: DiffOptions }): Promise<string> {
  const asked = await request(making, { path, project, options });
  const made = (await making.records.byPath(path))?.baseBranch;
  const isRebased = made !== undefined && options.baseBranch !== undefined && made !== options.baseBranch;
  return diffCheckout(making.host, { ...asked, options, isRebased });
}

async function takeBack(making: Making, config: WorkspaceCreateConfig): Promise<void> {
  const record = await making.records.read(config.sessionId);
  if (record === null) return;
  const repo = await openRepository(config.project.path);
  if (record.stage === "ready" && !(await isUntouched(making, repo, { record, config }))) return;
  await withRepoLock(repo.commonDir, () => undoRecord(making, repo, record));
}

/** The very create that is taken back ended well, and nothing happened in its checkout since. */
async function isUntouched(
  { kind, host }: Making,
  repo: Repository,
  { record, config }: { record: WorkspaceRecord; config: WorkspaceCreateConfig },
): Promise<boolean> {
  if (record.intentId === null || record.intentId !== config.intentId || !record.isOwnBranch) return false;
  const checkout = await kind.at(repo, record.path);
  const options = record.baseSha === undefined ? {} : { baseSha: record.baseSha };
  const refs = kind.refsOf(repo, checkout);
  const state = await inspectCheckout(host, { repo: refs, into: repo, checkout, project: config.project, options });
  return state.changedFiles === 0 && state.headSha === record.baseSha && state.operation === null;
}

/** Throws REFUSED if a folder above it is a link, because what a link hides is not gone. */
async function isReachable(path: string): Promise<boolean> {
  requireNoLinkAbove(path);
  return isFolder(path);
}
