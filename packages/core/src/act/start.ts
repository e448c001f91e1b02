import { join } from "node:path";
import { failpoint } from "../host/failpoint.ts";
import { ensureDir } from "../host/files.ts";
import type { Action } from "../model/action.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";
import type { WorkspaceCreateConfig, WorkspaceInfo } from "../slots/workspace.ts";
import type { ActCall } from "./call.ts";
import { intentIdOf } from "./intent-id.ts";
import { launch } from "./launch.ts";
import type { Prompting } from "./launch-prompts.ts";
import { bringBranch } from "./take-pr.ts";

export type StartAction = Extract<Action, { kind: "start" }>;
type Step = "workspace" | "post-create" | "agent" | "runtime";

/**
 * Creates the checkout, sets it up, writes the prompt and starts the program. Each step checks whether an earlier run of this
 * action did it already. A failure is a fact that names the step. The checkout of a failed start stays, to be inspected or used
 * by `ao restore`.
 */
export async function start(call: ActCall, action: StartAction, prompting: Prompting): Promise<ToldFact[]> {
  let step: Step = "workspace";
  try {
    const environment = await call.environment();
    const path = await ensureCheckout(call, action, {
      environment,
      onStep: (next) => {
        step = next;
      },
    });
    step = "agent";
    const record: SessionRecord = { ...call.record, workspacePath: path };
    const launched = await launch({ ...call, record }, action, {
      prompting,
      environment,
      onRuntime: () => {
        step = "runtime";
      },
    });
    return launched;
  } catch (error) {
    call.signal.throwIfAborted();
    const known = toAoError(error);
    const failure = {
      code: known.code,
      message: known.message,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
    };
    return [{ kind: "start-failed", launch: action.launch, step, failure }];
  }
}

interface CheckoutOptions {
  environment: Record<string, string>;
  onStep(step: Step): void;
}

async function ensureCheckout(call: ActCall, action: StartAction, options: CheckoutOptions): Promise<string> {
  const { record, project } = call;
  const workspace = await call.plugins.workspace();
  const known = record.workspacePath;
  if (known !== null && (await (workspace.exists?.(known) ?? true))) return known;
  const config = checkoutConfig(call, action);
  if (known !== null || record.preservedPath !== null || record.baseSha !== null) {
    if (workspace.restore === undefined)
      throw new AoError("REFUSED", "this workspace plugin cannot restore a checkout");
    const preserved = record.preservedPath === null ? {} : { preserved: record.preservedPath };
    const info = await workspace.restore({ ...config, ...preserved, useExistingBranch: true }, config.path);
    call.tell([readyFact(record, info)]);
    return info.path;
  }
  // One that an earlier try has made is on that branch already.
  const isMade = (await workspace.exists?.(config.path)) ?? false;
  if (record.pr.taken && !isMade) await bringBranch(call, { pr: record.pr.taken.info, branch: record.branch });
  failpoint("start.before-workspace");
  const info = await workspace.create(config, { signal: call.signal });
  failpoint("start.after-workspace");
  options.onStep("post-create");
  ensureDir(call.paths.sessionDir);
  try {
    await workspace.postCreate?.(info, project, {
      environment: options.environment,
      logFile: join(call.paths.sessionDir, "post-create.log"),
      signal: call.signal,
      onProgress: (progress) => call.showSetUp?.(progress),
    });
  } finally {
    call.showSetUp?.(null);
  }
  failpoint("start.after-set-up");
  call.tell([readyFact(record, info)]);
  return info.path;
}

export function checkoutConfig(
  call: Pick<ActCall, "record" | "project" | "paths">,
  action: { key: string },
): WorkspaceCreateConfig {
  const { record, project, paths } = call;
  return {
    projectId: record.projectId,
    sessionId: record.id,
    project,
    branch: record.branch,
    useExistingBranch: record.useExistingBranch,
    ...(record.baseBranch === null ? {} : { baseBranch: record.baseBranch }),
    path: record.workspacePath ?? paths.worktree,
    intentId: intentIdOf(record, action),
  };
}

function readyFact(record: SessionRecord, info: WorkspaceInfo): ToldFact {
  return {
    kind: "workspace-ready",
    path: info.path,
    branch: info.branch,
    baseBranch: info.baseBranch ?? record.baseBranch,
    baseSha: info.baseSha ?? record.baseSha,
    baseNote: info.baseNote ?? null,
    notes: info.notes ?? [],
  };
}
