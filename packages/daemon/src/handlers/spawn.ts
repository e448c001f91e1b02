import { keepIssueText } from "@agent-orchestrator/core/act/launch-prompts";
import { carryOut } from "@agent-orchestrator/core/decide/commands/commands";
import { refusalOfPr } from "@agent-orchestrator/core/decide/duplicates";
import { taskInWords } from "@agent-orchestrator/core/decide/names";
import { admit } from "@agent-orchestrator/core/decide/queue";
import { toSessionView } from "@agent-orchestrator/core/decide/view";
import type { NewSession } from "@agent-orchestrator/core/model/command";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { type Issue, issueKey } from "@agent-orchestrator/core/model/issue";
import { type ProjectConfig, trackerText } from "@agent-orchestrator/core/model/project";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { errorOf, throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { State } from "@agent-orchestrator/core/model/state";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { existingPr } from "../sessions/existing-pr.ts";
import { newSessions, type WantedSession } from "../sessions/new-sessions.ts";
import { allPredecessors, predecessorsOf } from "../sessions/predecessors.ts";
import { spawnPlace } from "../sessions/spawn-place.ts";
import { viewOf } from "./shared/find.ts";

const params = z.object({
  /** The arguments of `ao spawn`: an optional project, then issues. */
  words: z.array(z.string()).max(200),
  prompt: z.string().max(65_536).optional(),
  agent: z.string().optional(),
  model: z.string().optional(),
  runtime: z.string().optional(),
  workspace: z.string().optional(),
  base: z.string().optional(),
  branch: z.string().optional(),
  /** The number or URL of an existing pull request to take over. */
  pr: z.string().min(1).optional(),
  /** Sessions and issues that must be merged, done or closed first. */
  after: z.array(z.string().min(1)).max(50).optional(),
  isAgain: z.boolean().optional(),
  isDryRun: z.boolean().optional(),
});

const SHOW_MS = 1_000;

export type SpawnParams = z.infer<typeof params>;

/** Checks everything before it creates anything. Several issues are started together or not at all. Returns when agents run or wait. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params,
}).returns<SessionView[]>(async (app, wanted, call) => {
  if (wanted.isDryRun === true) return { data: await rehearse(app, wanted, call) };
  const ids = call.wish.known?.sessionIds ?? (await begin(app, wanted, call));
  await Promise.all(ids.map((id) => started(app, id, call)));
  return { data: ids.map((id) => viewOf(app, id)) };
});

/** What a spawn would create. Checked like a real one, but nothing is kept. */
async function rehearse(app: App, wanted: SpawnParams, call: Call): Promise<SessionView[]> {
  const { sessions } = await plan(app, wanted, call);
  const { state } = app.engine;
  const made = carryOut(state, { kind: "spawn", sessions, wish: null }, { nowMs: app.world.clock.now() });
  if ("refused" in made) throw errorOf(made.refused);
  const { waiting } = admit(made.next, app.world.limits(made.next));
  return made.result.ids.flatMap((id) => {
    const record = made.next.sessions[id];
    if (record === undefined) return [];
    const queuedFor = waiting.find((one) => one.id === id)?.reason ?? null;
    return [toSessionView({ ...record, queuedFor }, app.world.decideContext(record))];
  });
}

async function begin(app: App, wanted: SpawnParams, call: Call): Promise<string[]> {
  const { sessions, issueTexts, env } = await plan(app, wanted, call);
  const { ids } = await app.engine.command({ kind: "spawn", sessions, wish: call.wish.name });
  // They exist now, and none has begun to start.
  for (const [index, id] of ids.entries()) {
    app.environments.remember(id, env);
    const [record, text] = [app.engine.state.sessions[id], issueTexts[index] ?? null];
    if (record !== undefined && text !== null) keepIssueText(app.world.paths(record).sessionDir, text);
  }
  return ids;
}

interface Planned {
  sessions: NewSession[];
  /** Of each session: what its agent will be told of its issue, should the tracker not be there when it starts. */
  issueTexts: (string | null)[];
  /** What their programs start from: the caller's environment. A page has none, so the last command's about this config, or that of a login. */
  env: Record<string, string>;
}

async function plan(app: App, wanted: SpawnParams, call: Call): Promise<Planned> {
  const { instance, config, issues: references } = await spawnPlace(app, wanted.words, call.caller);
  const isTaskGiven = references.length > 0 || wanted.prompt !== undefined || wanted.pr !== undefined;
  if (!isTaskGiven) throw withoutTask(config.id);
  app.configs.requireTrusted(instance.id);
  const taken = wanted.pr === undefined ? null : await takenBy({ app, call, config }, { wanted, references });
  const tracker = references.length === 0 ? null : await app.world.projectPlugins(config).tracker();
  const issues: Issue[] = [];
  for (const reference of references) {
    const asked = askPlugin({ app, call }, trackerText(config), async (signal) =>
      tracker?.getIssue(reference, config, { signal }),
    );
    const issue = await asked.catch((error: unknown) => {
      const isUnknown = isAoError(error) && error.code === "NOT_FOUND";
      throw (isUnknown ? taskInWords(references, config.id) : null) ?? error;
    });
    // `2` and `#2` are the same request.
    if (issue !== undefined && !issues.some((one) => issueKey(one) === issueKey(issue))) issues.push(issue);
  }
  if (tracker !== null && wanted.isAgain !== true) {
    for (const issue of issues) await refuseObstacles({ app, call }, issue, { tracker, config });
  }
  const named = await predecessorsOf({ app, call, config }, wanted.after ?? []);
  const env = call.caller.env ?? app.configs.callerEnv(config.instanceId) ?? (await app.environments.base());
  const all: WantedSession[] = [];
  for (const issue of issues.length === 0 ? [null] : issues) {
    const after = await allPredecessors({ app, call, config }, issue, named);
    const isBare = tracker === null || issue === null || wanted.isDryRun === true;
    const issueText = isBare ? null : await textOf({ app, call }, issue, { tracker, config });
    all.push({ issue, issueText, wanted, config, after, taken, env });
  }
  return { sessions: await newSessions(app, all), issueTexts: all.map(({ issueText }) => issueText), env };
}

/** The pull request to take over, which has its own branch, base and task. */
async function takenBy(
  asker: { app: App; call: Call; config: ProjectConfig },
  { wanted, references }: { wanted: SpawnParams; references: readonly string[] },
): Promise<PRInfo> {
  const other = references.length > 0 ? "an issue" : wanted.branch !== undefined ? "--branch" : wanted.base && "--base";
  if (other) throw new AoError("USAGE", `--pr and ${other} cannot be combined`);
  const info = await existingPr(asker, wanted.pr ?? "");
  const { instanceId, id: projectId } = asker.config;
  throwIfRefused(refusalOfPr(asker.app.engine.state, { instanceId, projectId }, info.number));
  return info;
}

/** What its agent will be told of it, should the tracker not be there when the session starts. */
const textOf = (
  asker: { app: App; call: Call },
  issue: Issue,
  { tracker, config }: { tracker: Tracker; config: ProjectConfig },
): Promise<string> =>
  askPlugin(asker, trackerText(config), (signal) => tracker.generatePrompt(issueKey(issue), config, { signal }));

/** Somebody else may be at work on it. */
async function refuseObstacles(
  asker: { app: App; call: Call },
  issue: Issue,
  { tracker, config }: { tracker: Tracker; config: ProjectConfig },
): Promise<void> {
  const findObstacles = tracker.findObstacles?.bind(tracker);
  if (findObstacles === undefined) return;
  const found = await askPlugin(asker, trackerText(config), (signal) => findObstacles(issue, config, { signal }));
  if (found.length === 0) return;
  throw new AoError("REFUSED", `issue ${issueKey(issue)}: ${found.join("; ")}`, {
    hint: "Add --again to start an agent on it all the same.",
    details: { issue: issueKey(issue), obstacles: found },
  });
}

const withoutTask = (project: string): AoError =>
  new AoError("USAGE", `no task for the agent of ${project}`, {
    hint: "Name issues (`ao spawn 42`), say what to do (`-p 'Fix the login'`), or write it in your editor (`-e`).",
  });

/** Resolves when the agent's process runs, or the session waits in the queue. Throws if the start failed. */
async function started(app: App, id: string, call: Call): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, call.signal]);
  try {
    await Promise.race([begun(app, id, call), showSetUp(app, id, { ...call, signal })]);
  } finally {
    over.abort();
  }
}

/** Reports every second what its set-up is doing. Never ends on its own. */
async function showSetUp(app: App, id: string, { progress, signal }: Pick<Call, "progress" | "signal">): Promise<void> {
  const { clock, setUps } = app.world;
  for (;;) {
    await clock.sleep(SHOW_MS, signal).catch(() => new Promise(() => undefined));
    const setUp = setUps.of(id);
    if (setUp !== null) progress(`${id}: ${setUp.text}`);
  }
}

async function begun(app: App, id: string, call: Call): Promise<void> {
  let told = "";
  await app.engine.until(
    (state: State) => {
      const record = state.sessions[id];
      if (record === undefined) throw new AoError("FAILED", `${id} is gone`);
      if (record.phase !== told) {
        told = record.phase;
        call.progress(`${id}: ${record.phase}`);
      }
      if (record.launch.last !== null && record.launch.last.startedAt !== null) return true;
      if (record.ending !== null)
        throw new AoError(codeOf(record.ending), `${id}: ${record.ending.reason}`, hintOf(id));
      return record.phase === "queued" && record.queuedFor !== null;
    },
    { signal: call.signal },
  );
}

const codeOf = (ending: Record<string, unknown>): AoError["code"] => {
  const code = (ending.failure as { code?: AoError["code"] } | undefined)?.code;
  return code ?? "FAILED";
};

const hintOf = (id: string) => ({
  hint: `Run \`ao explain ${id}\` for the details, or \`ao kill ${id}\` to clear it away.`,
});
