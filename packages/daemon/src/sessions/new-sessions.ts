import { branchFor } from "@agent-orchestrator/core/decide/names";
import { refuseCircles } from "@agent-orchestrator/core/decide/predecessors";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { projectKey } from "@agent-orchestrator/core/model/ids";
import { type Issue, issueKey } from "@agent-orchestrator/core/model/issue";
import { newLife } from "@agent-orchestrator/core/model/new-life";
import type { Predecessor } from "@agent-orchestrator/core/model/predecessor";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import { toIso } from "@agent-orchestrator/core/model/time";
import { claimProject } from "@agent-orchestrator/core/store/layout";
import type { App } from "../app.ts";
import type { SpawnParams } from "../handlers/spawn.ts";
import { chosenAgent } from "./chosen-agent.ts";
import { branchOf, refuseHeld } from "./existing-pr.ts";
import { requireFit } from "./fit-agent.ts";
import { leasePorts } from "./ports.ts";

export interface NewSession {
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

export interface PlannedSessions {
  /** Of each session, in the order of the ids. */
  issueTexts: readonly (string | null)[];
  /** Puts the sessions into the state, or throws REFUSED if one of their issues has a live session by now. */
  apply(state: State, moment: { nowMs: number; wishId: string }): { state: State; ids: string[] };
}

interface Planned extends NewSession {
  agent: string;
  agentOptions: Record<string, unknown>;
  runtime: string;
  workspace: string;
  branch: string;
  baseBranch: string | null;
}

/** Loads every plugin and picks every branch first, so that a request that cannot be met leaves nothing behind. */
export async function newSessions(app: App, wishes: NewSession[]): Promise<PlannedSessions> {
  refuseWithoutRoom(app);
  const planned: Planned[] = [];
  const taken = new Set<string>();
  for (const wish of wishes) {
    const plan = await planOne(app, wish, taken);
    taken.add(plan.branch);
    planned.push(plan);
  }
  return {
    issueTexts: planned.map(({ issueText }) => issueText),
    apply(state, moment) {
      let next = state;
      const ids: string[] = [];
      for (const plan of planned) {
        refuseSecond(next, plan);
        if (plan.taken !== null) refuseHeld(next, plan.config, plan.taken);
        const made = insert(next, plan, moment.nowMs);
        next = made.state;
        ids.push(made.id);
      }
      refuseCircles(next, ids);
      const wish = { at: toIso(moment.nowMs), sessionIds: ids };
      return { state: { ...next, wishes: { ...next.wishes, [moment.wishId]: wish } }, ids };
    },
  };
}

/** A session whose end could not be recorded must not start. */
function refuseWithoutRoom(app: App): void {
  if (!app.store.isDegraded) return;
  throw new AoError("NO_SPACE", `the disk of ${app.home} is full: no session can be started`, {
    hint: "Free some disk space. Running sessions continue.",
  });
}

async function planOne(app: App, wish: NewSession, taken: ReadonlySet<string>): Promise<Planned> {
  const { wanted, config, issue } = wish;
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
    from: { instanceId: config.instanceId, callerEnv: wish.env },
  });
  const workspace = await app.world.projectPlugins(config, places).workspace();
  const givenBranch = wanted.branch ?? (wish.taken === null ? undefined : branchOf(wish.taken));
  const wantedBranch = givenBranch ?? (await branchName(app, wish));
  const branch =
    givenBranch ??
    (await workspace.freeBranch?.(wantedBranch, config, {
      taken: [...taken, ...liveBranches(app.engine.state, config)],
    })) ??
    wantedBranch;
  if (givenBranch !== undefined) refuseShared(app.engine.state, config, { branch, taken });
  const baseBranch = wish.taken?.baseBranch ?? baseOf(app.engine.state, wanted.base) ?? config.defaultBranch;
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
    ...wish,
    issue,
    agent: chosen.name,
    agentOptions,
    runtime: wanted.runtime ?? config.runtime.plugin,
    workspace: wanted.workspace ?? config.workspace.plugin,
    branch,
    baseBranch,
  };
}

async function branchName(app: App, { config, issue, wanted }: NewSession): Promise<string> {
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

const taskIssueOf = ({ id, title, url, tracker }: Issue): NonNullable<SessionRecord["task"]["issue"]> => ({
  ...{ id, title, url },
  ...(tracker === undefined ? {} : { tracker }),
});

/** `--base` names a branch, or a session whose branch it is. */
function baseOf(state: State, base: string | undefined): string | null {
  if (base === undefined) return null;
  return state.sessions[base]?.branch ?? base;
}

/** A branch has one session at a time, including one that is still queued and has no checkout yet. */
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
  const other = sessionsOf(state, config).find((record) => record.branch === branch && record.ending === null);
  if (other === undefined) return;
  throw new AoError("REFUSED", `branch ${branch} is in use by ${other.id} (${other.status})`, {
    hint: `\`ao attach ${other.id}\`, or start from it with \`--base ${other.id}\`.`,
  });
}

const sessionsOf = (state: State, config: ProjectConfig): SessionRecord[] =>
  Object.values(state.sessions).filter(
    (record) => record.instanceId === config.instanceId && record.projectId === config.id && !record.isArchived,
  );

const liveBranches = (state: State, config: ProjectConfig): string[] =>
  sessionsOf(state, config).map(({ branch }) => branch);

function refuseSecond(state: State, { issue, wanted, config }: Planned): void {
  if (issue === null || wanted.isAgain === true) return;
  const live = Object.values(state.sessions).find(
    (record) =>
      record.instanceId === config.instanceId &&
      record.projectId === config.id &&
      record.task.issue !== null &&
      issueKey(record.task.issue) === issueKey(issue) &&
      record.ending === null &&
      !record.isArchived,
  );
  if (live === undefined) return;
  throw new AoError("REFUSED", `issue ${issueKey(issue)} already has a live session: ${live.id} (${live.status})`, {
    hint: `\`ao attach ${live.id}\`, or start a second one with --again.`,
    details: { session: live.id },
  });
}

/** Each number is used once, across all instances. */
const nextNumber = (state: State, prefix: string): number => (state.lastNumber[prefix.toLowerCase()] ?? 0) + 1;
const nextId = (state: State, prefix: string): string => `${prefix}-${nextNumber(state, prefix)}`;

function insert(state: State, plan: Planned, nowMs: number): { state: State; id: string } {
  const prefix = plan.config.sessionPrefix;
  const number = nextNumber(state, prefix);
  const id = nextId(state, prefix);
  const key = projectKey(plan.config.instanceId, plan.config.id);
  const record = recordOf(plan, { id, nowMs, ports: leasePorts(state, plan.config.ports) });
  return {
    id,
    state: {
      ...state,
      lastNumber: { ...state.lastNumber, [prefix.toLowerCase()]: number },
      projects:
        key in state.projects
          ? state.projects
          : {
              ...state.projects,
              [key]: { key, instanceId: plan.config.instanceId, projectId: plan.config.id, isPaused: false, told: [] },
            },
      sessions: { ...state.sessions, [id]: record },
      isAllCompleteTold: false,
    },
  };
}

interface Birth {
  id: string;
  nowMs: number;
  ports: SessionRecord["ports"];
}

function recordOf(plan: Planned, { id, nowMs, ports }: Birth): SessionRecord {
  const now = toIso(nowMs);
  const { issue } = plan;
  return {
    id,
    projectId: plan.config.id,
    instanceId: plan.config.instanceId,
    createdAt: now,
    task: {
      issue: issue && taskIssueOf(issue),
      prompt: plan.wanted.prompt ?? null,
    },
    agent: plan.agent,
    runtime: plan.runtime,
    workspace: plan.workspace,
    agentOptions: plan.agentOptions,
    branch: plan.branch,
    useExistingBranch: plan.wanted.branch !== undefined || plan.taken !== null,
    baseBranch: plan.baseBranch,
    ...newLife(now),
    ...(plan.taken === null ? {} : { takenPr: { info: plan.taken, at: null } }),
    ...(plan.after.length === 0 ? {} : { after: plan.after }),
    ports,
  };
}
