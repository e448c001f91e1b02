import { join } from "node:path";
import { failpoint } from "../host/failpoint.ts";
import { ensureDir } from "../host/files.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { firstPromptId } from "../model/ids.ts";
import type { Launch } from "../model/session.ts";
import type { Agent, AgentLaunchConfig, LaunchSpec } from "../slots/agent.ts";
import type { RuntimeHandle } from "../slots/common.ts";
import type { PlacedSession } from "../slots/place.ts";
import type { ProcessInfo, Runtime } from "../slots/runtime.ts";
import { agentEnvironment } from "./agent-environment.ts";
import type { ActCall } from "./call.ts";
import { intentIdOf } from "./intent-id.ts";
import { continuationOf, type LaunchPrompts, type Prompting, promptsFor } from "./launch-prompts.ts";
import { toPluginSession } from "./plugin-session.ts";
import { pushGuard } from "./push-guard.ts";
import type { StartAction } from "./start.ts";
import { endAll } from "./stop.ts";

export interface LaunchOptions {
  prompting: Prompting;
  environment: Record<string, string>;
  onRuntime(): void;
}

/** Starts one run of the agent's program, in the existing checkout. */
export async function launch(call: ActCall, action: StartAction, options: LaunchOptions): Promise<ToldFact[]> {
  const { record, paths } = call;
  const agent = await call.plugins.agent();
  const runtime = await call.plugins.runtime();
  ensureDir(paths.sessionDir);
  const agentConfig = call.agentConfig();
  const guard = await pushGuard(call, record.branch);
  const token = await forgeToken(call);
  const here = { ...options.environment, ...token, ...agentEnvironment(agentConfig), ...guard };
  const environment = runtime.place?.(placedSession(call)).environment(here) ?? here;
  const speech = { call, action, prompting: options.prompting, agent };
  const means: Means = { ...speech, agentConfig, environment };
  await agent.setupWorkspaceHooks?.(record.workspacePath ?? paths.worktree, {
    sessionId: record.id,
    sessionDir: paths.sessionDir,
    aoPath: "ao",
  });
  const { spec, command, words, config, isAnew } = await planFor(means, await promptsFor(speech));
  if (action.hasLeftovers === true) await endAll(call, runtime);
  options.onRuntime();
  failpoint("start.before-runtime");
  const handle = await runtime.create(
    {
      sessionId: record.id,
      instanceId: record.instanceId,
      workspacePath: workingFolder(call),
      checkoutPath: record.workspacePath ?? paths.worktree,
      launchCommand: spec === null ? (command ?? agent.getLaunchCommand(config)) : "",
      ...(spec === null ? {} : { argv: spec.argv }),
      environment: {
        ...environment,
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
  const launched = await launchedFact(call, action, { runtime, handle });
  const { pid, startId } = launched;
  const named = pid === null || startId === null ? handle : { ...handle, data: { pid, startId, ...handle.data } };
  await agent.postLaunchSetup?.({ ...toPluginSession(record, paths), runtimeHandle: named, launch: action.launch });
  return [isAnew === true ? { ...launched, note: ANEW } : launched, ...typedPrompt(means, { spec, words })];
}

const placedSession = (call: ActCall): PlacedSession => ({
  sessionId: call.record.id,
  instanceId: call.record.instanceId,
  workspacePath: workingFolder(call),
  sessionDir: call.paths.sessionDir,
});

/** Only what the config says an agent may have. */
async function forgeToken({ project, plugins, signal }: ActCall): Promise<Record<string, string>> {
  if (project.scm.options.agentToken !== true) return {};
  const scm = await plugins.scm();
  return (await scm.getAgentEnvironment?.({ signal })) ?? {};
}

const ANEW = "its conversation could not be resumed, so it began a new one";

async function launchedFact(
  call: ActCall,
  action: StartAction,
  { runtime, handle }: { runtime: Runtime; handle: RuntimeHandle },
): Promise<Extract<ToldFact, { kind: "launched" }>> {
  const info = await processOf(call, runtime, handle);
  const launched: Launch["handle"] = { id: handle.id, runtimeName: handle.runtimeName, data: handle.data };
  return {
    kind: "launched",
    launch: action.launch,
    handle: launched,
    pid: info?.pid ?? null,
    startId: info?.startId ?? null,
    isReady: runtime.watch === undefined,
  };
}

/** A program that exits after its turn accepts no messages later, so its launch must carry the prompt. */
function typedPrompt(
  { agent, call, action }: Means,
  plan: { spec: LaunchSpec | null; words: LaunchPrompts },
): ToldFact[] {
  const { spec, words } = plan;
  const isTyped = agent.promptDelivery === "post-launch" && agent.lifetime !== "per-turn";
  if (!isTyped || spec?.promptDelivered === true || words.text === null) return [];
  const id = firstPromptId(call.record.id, action.launch);
  return [{ kind: "wish-send", message: { id, text: words.text, isUrgent: false } }];
}

/** The program is running. If its process id cannot be read now, the start has still not failed. */
async function processOf(call: ActCall, runtime: Runtime, handle: RuntimeHandle): Promise<ProcessInfo | null> {
  try {
    return (await runtime.getProcess?.(handle, { signal: call.signal })) ?? null;
  } catch (error) {
    call.signal.throwIfAborted();
    call.log.warn(`the process of ${call.record.id}: ${toAoError(error).message}`);
    return null;
  }
}

interface Means {
  call: ActCall;
  action: StartAction;
  prompting: Prompting;
  agent: Agent;
  /** May contain secrets, so it is for the plugin only. */
  agentConfig: Record<string, unknown>;
  environment: Record<string, string>;
}

interface LaunchPlan {
  /** Null if this agent has only a command line. */
  spec: LaunchSpec | null;
  /** Continues the conversation, instead of `getLaunchCommand`. */
  command?: string;
  words: LaunchPrompts;
  config: AgentLaunchConfig;
  /** A restart that found no conversation to resume. */
  isAnew?: true;
}

/**
 * A restart resumes the same conversation if the agent can, without a prompt. If it cannot, it is a new start with a first
 * message that says so. A program that exits after its turn always needs a prompt.
 */
async function planFor(means: Means, words: LaunchPrompts): Promise<LaunchPlan> {
  const { agent, call, action } = means;
  const ask = async (config: AgentLaunchConfig, said: LaunchPrompts): Promise<LaunchPlan | null> => {
    const spec = (await agent.getLaunchSpec?.(config)) ?? null;
    return spec === null ? null : { spec, words: said, config };
  };
  const isNew = action.mode === "first" || action.mode === "handoff";
  const isSilent = words.text === null;
  if (agent.getLaunchSpec === undefined && !isNew && isSilent) {
    const command = await agent.getRestoreCommand?.(toPluginSession(call.record, call.paths), call.project);
    if (command) return { spec: null, command, words, config: launchConfig(means, words) };
  }
  if (agent.getLaunchSpec === undefined || isNew) {
    const said = isSilent ? await continuationOf(means, words) : words;
    const config = launchConfig(means, said);
    return (await ask(config, said)) ?? { spec: null, words: said, config };
  }
  const needsWords = isSilent && agent.lifetime === "per-turn";
  const quiet = needsWords ? null : await ask(resumeConfig(means, words), words);
  if (quiet !== null) return quiet;
  const said = isSilent ? await continuationOf(means, words) : words;
  const resumed = isSilent ? await ask(resumeConfig(means, said), said) : null;
  if (resumed !== null) return resumed;
  const anew = await ask(launchConfig(means, said), said);
  if (anew !== null) return { ...anew, isAnew: true };
  throw new AoError("REFUSED", `the agent ${call.record.agent} cannot take up this conversation`);
}

function launchConfig({ call, action, agentConfig, environment }: Means, words: LaunchPrompts): AgentLaunchConfig {
  const { record } = call;
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
    ...(words.instructions === null ? {} : { instructions: words.instructions }),
    environment,
    launch: action.launch,
  };
}

/** The same without a first message. Any prompt is sent in the conversation. */
function resumeConfig(means: Means, words: LaunchPrompts): AgentLaunchConfig {
  const { prompt: _, promptFile: __, ...config } = launchConfig(means, words);
  const resume = {
    agentSessionId: means.call.record.launch.agentSessionId,
    ...(words.text === null ? {} : { message: words.text }),
    ...(words.file === null ? {} : { messageFile: words.file }),
  };
  return { ...config, resume };
}

function workingFolder(call: ActCall): string {
  const checkout = call.record.workspacePath ?? call.paths.worktree;
  return call.project.cwd === null ? checkout : join(checkout, call.project.cwd);
}
