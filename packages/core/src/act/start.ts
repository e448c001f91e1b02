import { join } from "node:path";
import { failpoint } from "../host/failpoint.ts";
import { atomicReplace, ensureDir } from "../host/files.ts";
import type { Action } from "../model/action.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { Launch, SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";
import type { Agent, AgentLaunchConfig, LaunchSpec } from "../slots/agent.ts";
import type { RuntimeHandle } from "../slots/common.ts";
import type { ProcessInfo, Runtime } from "../slots/runtime.ts";
import type { WorkspaceCreateConfig } from "../slots/workspace.ts";
import type { ActCall } from "./call.ts";
import { toPluginSession } from "./plugin-session.ts";

export type StartAction = Extract<Action, { kind: "start" }>;
type Step = "workspace" | "post-create" | "agent" | "runtime";

/** Words for a launch. Composed by the pure core from what the tracker said. */
export interface Prompting {
  first(issueText: string | null): Promise<string>;
  /** For a restart of a program that cannot take up its conversation. */
  continuation(firstPromptFile: string): string;
}

/**
 * Checkout, its set-up, prompt, program: each step looks whether an earlier run of this action did it already. A failure
 * is a fact that names the step; the checkout of a failed start stays, for a look and for `ao restore`.
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
      throw new AoError("REFUSED", "this workspace plugin cannot bring a checkout back");
    const preserved = record.preservedPath === null ? {} : { preserved: record.preservedPath };
    const info = await workspace.restore({ ...config, ...preserved, useExistingBranch: true }, config.path);
    call.tell([readyFact(record, info)]);
    return info.path;
  }
  failpoint("start.before-workspace");
  const info = await workspace.create(config, { signal: call.signal });
  failpoint("start.after-workspace");
  options.onStep("post-create");
  ensureDir(call.paths.sessionDir);
  await workspace.postCreate?.(info, project, {
    environment: options.environment,
    logFile: join(call.paths.sessionDir, "post-create.log"),
    signal: call.signal,
  });
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

function readyFact(
  record: SessionRecord,
  info: Awaited<ReturnType<import("../slots/workspace.ts").Workspace["create"]>>,
): ToldFact {
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

interface LaunchOptions {
  prompting: Prompting;
  environment: Record<string, string>;
  onRuntime(): void;
}

async function launch(call: ActCall, action: StartAction, options: LaunchOptions): Promise<ToldFact[]> {
  const { record, paths } = call;
  const agent = await call.plugins.agent();
  const runtime = await call.plugins.runtime();
  ensureDir(paths.sessionDir);
  const words = await wordsFor(call, action, options.prompting);
  const config = launchConfig(call, words);
  await agent.setupWorkspaceHooks?.(config.workspacePath, {
    sessionId: record.id,
    sessionDir: paths.sessionDir,
    aoPath: "ao",
  });
  const spec = await specFor(agent, call, words);
  options.onRuntime();
  failpoint("start.before-runtime");
  const handle = await runtime.create(
    {
      sessionId: record.id,
      instanceId: record.instanceId,
      workspacePath: workingFolder(call),
      launchCommand: spec === null ? agent.getLaunchCommand(config) : "",
      ...(spec === null ? {} : { argv: spec.argv }),
      environment: {
        ...options.environment,
        ...agent.getEnvironment(config),
        ...spec?.env,
        AO_PROMPT_FILE: words.firstFile,
      },
      intentId: intentIdOf(record, action),
      title: record.task.issue?.title ?? record.id,
      sessionDir: paths.sessionDir,
      ...(spec?.paste === undefined ? {} : { paste: spec.paste }),
    },
    { signal: call.signal },
  );
  failpoint("start.after-runtime");
  const info = await processOf(call, runtime, handle);
  const launched: Launch["handle"] = { id: handle.id, runtimeName: handle.runtimeName, data: handle.data };
  const facts: ToldFact[] = [
    {
      kind: "launched",
      launch: action.launch,
      handle: launched,
      pid: info?.pid ?? null,
      startId: info?.startId ?? null,
      isReady: runtime.watch === undefined,
    },
  ];
  await agent.postLaunchSetup?.({ ...toPluginSession(record, paths), runtimeHandle: handle });
  // A program that ends with its turn takes nothing afterwards: its launch carries the words, or nothing does.
  const isTyped = agent.promptDelivery === "post-launch" && agent.lifetime !== "per-turn";
  if (isTyped && spec?.promptDelivered !== true && words.text !== null) {
    const id = `prompt-${record.id}-${action.launch}`;
    facts.push({ kind: "wish-send", message: { id, text: words.text, isUrgent: false } });
  }
  return facts;
}

/** It runs: that nobody can tell its number now is no failure of the start. */
async function processOf(call: ActCall, runtime: Runtime, handle: RuntimeHandle): Promise<ProcessInfo | null> {
  try {
    return (await runtime.getProcess?.(handle, { signal: call.signal })) ?? null;
  } catch (error) {
    call.signal.throwIfAborted();
    call.log.warn(`the process of ${call.record.id}: ${toAoError(error).message}`);
    return null;
  }
}

interface Words {
  /** What this launch says to the agent; null for a launch that goes on where it was. */
  text: string | null;
  file: string | null;
  /** The session's very first prompt. */
  firstFile: string;
  isContinued: boolean;
}

async function wordsFor(call: ActCall, action: StartAction, prompting: Prompting): Promise<Words> {
  const { record, paths } = call;
  const firstFile = join(paths.sessionDir, "prompt.md");
  if (action.mode === "first") {
    const text = await prompting.first(await issueText(call));
    atomicReplace(firstFile, text);
    return { text, file: firstFile, firstFile, isContinued: false };
  }
  if (action.messageId !== null) {
    const text = record.messages.find((message) => message.id === action.messageId)?.text ?? "";
    const file = join(paths.sessionDir, `message-${action.messageId}.md`);
    atomicReplace(file, text);
    return { text, file, firstFile, isContinued: true };
  }
  const text = prompting.continuation(firstFile);
  const file = join(paths.sessionDir, `continue-${action.launch}.md`);
  atomicReplace(file, text);
  return { text, file, firstFile, isContinued: true };
}

async function issueText(call: ActCall): Promise<string | null> {
  const { issue } = call.record.task;
  if (issue === null) return null;
  const tracker = await call.plugins.tracker();
  return tracker.generatePrompt(issue.id, call.project);
}

function launchConfig(call: ActCall, words: Words): AgentLaunchConfig {
  const { record } = call;
  const agentConfig = call.agentConfig();
  const permissions = agentConfig.permissions as AgentLaunchConfig["permissions"];
  const model = agentConfig.model;
  return {
    sessionId: record.id,
    projectConfig: call.project,
    workspacePath: record.workspacePath ?? call.paths.worktree,
    sessionDir: call.paths.sessionDir,
    ...(record.task.issue === null ? {} : { issueId: record.task.issue.id }),
    ...(words.text === null ? {} : { prompt: words.text }),
    ...(words.file === null ? {} : { promptFile: words.file }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(typeof model === "string" ? { model } : {}),
    agentConfig,
  };
}

/**
 * null: this agent has only a command line. A return goes on with the same conversation where the agent can; where it
 * cannot, it is a fresh start with a prompt that says so.
 */
async function specFor(agent: Agent, call: ActCall, words: Words): Promise<LaunchSpec | null> {
  if (agent.getLaunchSpec === undefined) return null;
  const config = launchConfig(call, words);
  if (!words.isContinued) return agent.getLaunchSpec(config);
  const resume: AgentLaunchConfig["resume"] = {
    agentSessionId: call.record.agentSessionId,
    ...(words.text === null ? {} : { message: words.text }),
    ...(words.file === null ? {} : { messageFile: words.file }),
  };
  const spec = (await agent.getLaunchSpec({ ...config, resume })) ?? (await agent.getLaunchSpec(config));
  if (spec !== null) return spec;
  throw new AoError("REFUSED", `the agent ${call.record.agent} cannot take up this conversation`);
}

function workingFolder(call: ActCall): string {
  const checkout = call.record.workspacePath ?? call.paths.worktree;
  return call.project.cwd === null ? checkout : join(checkout, call.project.cwd);
}

/** An action's key as plugins get it, distinct from that of a session of the same name in another state folder. */
const intentIdOf = ({ createdAt }: SessionRecord, { key }: { key: string }): string =>
  `${key.replaceAll(/[^\w-]/g, "-")}-${at(createdAt).toString(36)}`;
