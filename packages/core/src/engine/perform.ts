import { answer } from "../act/answer.ts";
import type { ActCall } from "../act/call.ts";
import { claimIssue, stageIssue } from "../act/claim-issue.ts";
import { deliver } from "../act/deliver.ts";
import { followBranch } from "../act/follow-branch.ts";
import { interrupt } from "../act/interrupt.ts";
import type { Prompting } from "../act/launch-prompts.ts";
import { closeIssue, markReady, merge, openPr, reply, retarget } from "../act/pull-request.ts";
import { remove } from "../act/remove.ts";
import { rerun } from "../act/rerun.ts";
import { start } from "../act/start.ts";
import { stop } from "../act/stop.ts";
import { takePr } from "../act/take-pr.ts";
import { tell } from "../act/tell.ts";
import { composeHandOver, MAX_TRANSCRIPT } from "../decide/hand-over.ts";
import { composeTaken } from "../decide/message-texts/taken.ts";
import { compose } from "../decide/notices/compose.ts";
import { composeContinuation, composeInstructions, composeTask, partsOf, type Told } from "../decide/prompts.ts";
import { AoError, assertNever } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { Policy } from "../model/policy.ts";
import { withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { conflictsOf } from "../observe/conflicts.ts";
import type { Perform } from "./executor.ts";
import type { World } from "./world.ts";

/** Which file runs which action. */
export function createPerform(world: World, state: () => State): Perform {
  return async ({ sessionId, action, signal, tell: report }) => {
    if (action.kind === "tell") {
      const { clock, log } = world;
      const { notices, channels, sessions } = state();
      const told = action.notices.flatMap((key) => notices[key] ?? []);
      const isBellDue =
        (channels[action.channel]?.failures ?? 0) === 0 && told.some(({ deliveredAt }) => deliveredAt === null);
      const notifier = () => world.channel(action.channel);
      const ring = (text: string) => world.ring(text);
      return tell({ message: compose(told, sessions), isBellDue, clock, log, signal, notifier, ring }, action);
    }
    const record = state().sessions[sessionId];
    if (record === undefined || action.kind === "notify") return [];
    // An agent can be ended even if its config is gone.
    if (action.kind === "stop") return stop({ record, plugins: world.plugins(record), signal }, action.launch);
    const isRemoval = action.kind === "remove";
    const call = callOf(world, record, { signal, tell: report, isRemoval });
    switch (action.kind) {
      case "start":
        return start(call, action, prompting(call, world.policy(record, state())));
      case "remove":
        return remove(call, action);
      case "deliver":
        return deliver(call, action);
      case "interrupt":
        return interrupt(call, action);
      case "answer":
        return answer(call, action);
      case "open-pr":
        return withConflicts(call, await openPr(call, action));
      case "reply":
        return reply(call, action);
      case "mark-ready":
        return markReady(call, action.number);
      case "follow-branch":
        return followBranch(call, action.branch, Object.values(state().sessions));
      case "take-pr":
        return takePr(call, action);
      case "merge":
        return merge(call, action);
      case "retarget":
        return retarget(call, action.to);
      case "close-issue":
        return closeIssue(call, action);
      case "rerun":
        return rerun(call, action);
      case "claim-issue":
        return claimIssue(call, action, Object.values(state().sessions));
      case "stage-issue":
        return stageIssue(call, action);
      default:
        return assertNever(action);
    }
  };
}

/** One that conflicts from the start is sent to its agent with the files. */
async function withConflicts(call: ActCall, facts: ToldFact[]): Promise<ToldFact[]> {
  const { record, clock, signal } = call;
  const scm = await call.plugins.scm();
  const snapshots = facts.flatMap((fact) => (fact.kind === "pr" ? [fact.snapshot] : []));
  const found = await Promise.all(snapshots.map((one) => conflictsOf({ scm, clock, signal }, record, one)));
  return [...facts, ...found.flat()];
}

type Way = Pick<ActCall, "signal" | "tell"> & { isRemoval: boolean };

function callOf(world: World, record: SessionRecord, { isRemoval, ...way }: Way): ActCall {
  // A checkout can be removed whatever became of its config, as long as there is a repository to keep its work with.
  const project = world.project(record) ?? (isRemoval ? (world.remains?.(record) ?? null) : null);
  if (project === null) {
    throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`, {
      hint: "Fix it (`ao config validate` shows the problems), then try again.",
    });
  }
  return {
    ...way,
    record,
    project,
    plugins: world.plugins(record),
    paths: world.paths(record),
    clock: world.clock,
    log: world.log,
    agentConfig: () => world.agentConfig(record),
    formerAgent: () => formerAgentOf(world, record),
    environment: () => world.environment(record),
    showSetUp: (setUp) => world.setUps?.show(record.id, setUp),
  };
}

function prompting({ record, project }: ActCall, { trustedBots }: Pick<Policy, "trustedBots">): Prompting {
  const parts = (told: Partial<Told>) => partsOf({ record, project }, { issue: null, pr: null, ...told });
  return {
    instructions: () => composeInstructions(parts({})),
    task: ({ issueText, taken }) =>
      composeTask(parts({ issue: issueText, pr: taken && composeTaken(taken, trustedBots) })),
    continuation: (task) => composeContinuation(parts({}), { task }),
    handOver: (told) =>
      composeHandOver({
        ...told,
        from: record.handover.former?.at(-1)?.agent ?? "another",
        words: record.handover.takesOver?.words ?? null,
        baseBranch: record.baseBranch,
      }),
    maxTranscriptBytes: MAX_TRANSCRIPT,
  };
}

function formerAgentOf(world: World, record: SessionRecord): ReturnType<ActCall["formerAgent"]> {
  const former = record.handover.former?.at(-1);
  if (former === undefined) return null;
  const { agent, agentOptions, agentSessionId, launch } = former;
  const then = withChanges(record, { agent, agentOptions, launch: { agentSessionId, last: launch } });
  return { record: then, agent: () => world.plugins(then).agent() };
}
