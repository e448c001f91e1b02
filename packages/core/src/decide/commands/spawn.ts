import type { CommandOf, NewSession } from "../../model/command.ts";
import { projectKey } from "../../model/ids.ts";
import { issueKey } from "../../model/issue.ts";
import { newLife } from "../../model/new-life.ts";
import { withChanges } from "../../model/record-changes.ts";
import type { Refusal } from "../../model/refusal.ts";
import type { SessionRecord, Task } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { toIso } from "../../model/time.ts";
import { refusalOfBranch, refusalOfIssue, refusalOfPr } from "../duplicates.ts";
import { leasePorts } from "../ports.ts";
import { refusalOfCircles } from "../predecessors.ts";
import type { CommandContext, Outcome } from "./outcome.ts";
import { withWish } from "./wishes.ts";

/** Puts new sessions into the queue, all of them or none. The step that does it starts those for which there is room. */
export function spawn(
  state: State,
  { sessions, wish }: CommandOf<"spawn">,
  { nowMs }: CommandContext,
): Outcome<"spawn"> {
  let next = state;
  const ids: string[] = [];
  for (const session of sessions) {
    const born = add(next, session, nowMs);
    if ("refused" in born) return born;
    next = born.next;
    ids.push(born.id);
  }
  const refused = refusalOfCircles(next, ids);
  if (refused !== null) return { refused };
  return { next: withWish(next, wish, { kept: { sessionIds: ids }, nowMs }), result: { ids } };
}

/** Each number is used once, across all instances. */
const nextNumber = (state: State, prefix: string): number => (state.lastNumber[prefix.toLowerCase()] ?? 0) + 1;

/** The id of the next session with this prefix, if no other comes first. */
export const nextId = (state: State, prefix: string): string => `${prefix}-${nextNumber(state, prefix)}`;

type Born = { next: State; id: string } | { refused: Refusal };

function add(state: State, session: NewSession, nowMs: number): Born {
  const refused = refusalOfNew(state, session);
  if (refused !== null) return { refused };
  const lease = leasePorts(state, session.ports);
  if ("refused" in lease) return lease;
  const { prefix, instanceId, projectId } = session;
  const id = nextId(state, prefix);
  const key = projectKey(instanceId, projectId);
  const project = { key, instanceId, projectId, isPaused: false, told: [] };
  return {
    id,
    next: {
      ...state,
      lastNumber: { ...state.lastNumber, [prefix.toLowerCase()]: nextNumber(state, prefix) },
      projects: key in state.projects ? state.projects : { ...state.projects, [key]: project },
      sessions: { ...state.sessions, [id]: recordOf(session, { id, nowMs, ports: lease.ports }) },
      isAllCompleteTold: false,
    },
  };
}

/** Whether one that lives has its issue, its pull request or its branch. Null: none has. */
function refusalOfNew(state: State, session: NewSession): Refusal | null {
  const { issue, isAgain, takenPr, useExistingBranch, branch } = session;
  return (
    (issue === null || isAgain ? null : refusalOfIssue(state, session, issueKey(issue))) ??
    (takenPr === null ? null : refusalOfPr(state, session, takenPr.number)) ??
    (useExistingBranch ? refusalOfBranch(state, session, branch) : null)
  );
}

interface Birth {
  id: string;
  nowMs: number;
  ports: SessionRecord["ports"];
}

function recordOf(session: NewSession, { id, nowMs, ports }: Birth): SessionRecord {
  const now = toIso(nowMs);
  const { projectId, instanceId, issue, prompt, takenPr, after } = session;
  const { agent, runtime, workspace, agentOptions, branch, useExistingBranch, baseBranch } = session;
  const record: SessionRecord = {
    ...{ id, projectId, instanceId, createdAt: now, task: { issue: issue && taskIssueOf(issue), prompt } },
    ...{ agent, runtime, workspace, agentOptions, branch, useExistingBranch, baseBranch },
    ...newLife(now),
    ...(after.length === 0 ? {} : { after: [...after] }),
    ports,
  };
  return takenPr === null ? record : withChanges(record, { pr: { taken: { info: takenPr, at: null } } });
}

const taskIssueOf = ({ id, title, url, tracker }: NonNullable<NewSession["issue"]>): NonNullable<Task["issue"]> => ({
  ...{ id, title, url },
  ...(tracker === undefined ? {} : { tracker }),
});
