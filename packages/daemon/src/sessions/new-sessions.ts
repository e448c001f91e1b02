import { nextId } from "@agent-orchestrator/core/decide/commands/spawn";
import { refusalOfBranch, sessionsIn } from "@agent-orchestrator/core/decide/duplicates";
import { branchFor } from "@agent-orchestrator/core/decide/names";
import type { NewSession } from "@agent-orchestrator/core/model/command";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { type Issue, issueKey } from "@agent-orchestrator/core/model/issue";
import type { Predecessor } from "@agent-orchestrator/core/model/predecessor";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { State } from "@agent-orchestrator/core/model/state";
import { claimProject } from "@agent-orchestrator/core/store/layout";
import type { App } from "../app.ts";
import type { SpawnParams } from "../handlers/spawn.ts";
import { chosenAgent } from "./chosen-agent.ts";
import { branchOf } from "./existing-pr.ts";
import { requireFit } from "./fit-agent.ts";

/** A session as it was asked for, with what was looked up for it. */
export interface WantedSession {
  issue: Issue | null;
  /** What its agent is to be told of the issue, if the tracker can't be asked when it starts. */
  issueText: string | null;
  wanted: SpawnParams;
  config: ProjectConfig;
  /** What must be merged, done or closed first. */
  after: Predecessor[];
  /** The existing pull request that it takes over. */
  taken: PRInfo | null;
  /** The caller's environment, in which the agent will start. */
  env: Record<string, string>;
}

/** Loads every plugin and picks every branch first, so that a request that cannot be met leaves nothing behind. */
export async function newSessions(app: App, all: readonly WantedSession[]): Promise<NewSession[]> {
  refuseWithoutRoom(app);
  const sessions: NewSession[] = [];
  const taken = new Set<string>();
  for (const one of all) {
    const session = await newSession(app, one, taken);
    taken.add(session.branch);
    sessions.push(session);
  }
  return sessions;
}

/** A session whose end could not be recorded must not start. */
function refuseWithoutRoom(app: App): void {
  if (!app.store.isDegraded) return;
  throw new AoError("NO_SPACE", `the disk of ${app.home} is full: no session can be started`, {
    hint: "Free some disk space. Running sessions continue.",
  });
}

async function newSession(app: App, one: WantedSession, taken: ReadonlySet<string>): Promise<NewSession> {
  const { wanted, config, issue } = one;
  const instance = app.configs.get(config.instanceId);
  if (instance !== null) {
    claimProject({ home: app.home, instanceId: config.instanceId, projectId: config.id, configPath: instance.path });
  }
  const chosen = chosenAgent(config, wanted.agent);
  const agentOptions = { ...chosen.options, ...(wanted.model === undefined ? {} : { model: wanted.model }) };
  const places = {
    ...(wanted.runtime === undefined ? {} : { runtime: wanted.runtime }),
    ...(wanted.workspace === undefined ? {} : { workspace: wanted.workspace }),
  };
  await requireFit(app, config, {
    chosen: { ...chosen, options: agentOptions },
    places,
    from: { instanceId: config.instanceId, callerEnv: one.env },
  });
  const workspace = await app.world.projectPlugins(config, places).workspace();
  const givenBranch = wanted.branch ?? (one.taken === null ? undefined : branchOf(one.taken));
  const wantedBranch = givenBranch ?? (await branchName(app, one));
  const branch =
    givenBranch ??
    (await workspace.freeBranch?.(wantedBranch, config, {
      taken: [...taken, ...liveBranches(app.engine.state, config)],
    })) ??
    wantedBranch;
  if (givenBranch !== undefined) refuseShared(app.engine.state, config, { branch, taken });
  const baseBranch = one.taken?.baseBranch ?? baseOf(app.engine.state, wanted.base) ?? config.defaultBranch;
  // A real start looks at the repository in a moment, so only names that were typed are worth an earlier look.
  if (givenBranch !== undefined || wanted.base !== undefined || wanted.isDryRun === true) {
    const useExistingBranch = givenBranch !== undefined;
    await workspace.check?.({
      project: config,
      branch,
      useExistingBranch,
      ...(baseBranch === null ? {} : { baseBranch }),
    });
  }
  return {
    ...placeOf(config),
    prefix: config.sessionPrefix,
    issue,
    prompt: wanted.prompt ?? null,
    isAgain: wanted.isAgain === true,
    ...{ agent: chosen.name, agentOptions, branch, baseBranch },
    runtime: wanted.runtime ?? config.runtime.plugin,
    workspace: wanted.workspace ?? config.workspace.plugin,
    useExistingBranch: givenBranch !== undefined,
    ...{ takenPr: one.taken, after: one.after, ports: config.ports },
  };
}

async function branchName(app: App, { config, issue, wanted }: WantedSession): Promise<string> {
  const tracker = issue === null ? null : await app.world.projectPlugins(config).tracker();
  return branchFor({
    template: config.branch,
    user: config.branch?.includes("{user}") === true ? app.world.userName(config.instanceId) : "",
    issue: issue === null ? null : { id: issue.id, title: issue.title, branchName: issue.branchName ?? null },
    trackerBranch: issue === null || tracker === null ? null : tracker.branchName(issueKey(issue), config),
    prompt: wanted.prompt ?? null,
    fallback: `session/${nextId(app.engine.state, config.sessionPrefix)}`,
  });
}

/** `--base` names a branch, or a session whose branch it is. */
function baseOf(state: State, base: string | undefined): string | null {
  if (base === undefined) return null;
  return state.sessions[base]?.branch ?? base;
}

function refuseShared(
  state: State,
  config: ProjectConfig,
  { branch, taken }: { branch: string; taken: ReadonlySet<string> },
): void {
  if (taken.has(branch)) {
    throw new AoError("REFUSED", `branch ${branch} can be given to one session only`, {
      hint: "Leave out `--branch`, or spawn one issue.",
    });
  }
  throwIfRefused(refusalOfBranch(state, placeOf(config), branch));
}

const placeOf = ({ instanceId, id }: ProjectConfig) => ({ instanceId, projectId: id });

const liveBranches = (state: State, config: ProjectConfig): string[] =>
  sessionsIn(state, placeOf(config)).map(({ branch }) => branch);
