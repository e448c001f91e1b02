import { issueKey } from "../model/issue.ts";
import type { LostPredecessor, Predecessor, PredecessorName } from "../model/predecessor.ts";
import type { Refusal } from "../model/refusal.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { isOver } from "./facts-of.ts";

/** What a queued session waits for, by what is known now. */
export interface Wait {
  /** Those that are merged or done. */
  met: PredecessorName[];
  /** The others, in words. Null if there are none. */
  reason: string | null;
  /** One of them that will not end well by itself. */
  lost: LostPredecessor | null;
}

/** Those that the session still waits for. */
export const unmetOf = ({ after = [] }: Pick<SessionRecord, "after">): Predecessor[] =>
  after.filter(({ metAt }) => metAt === null);

/** The issues among them, which only the tracker can tell of. */
export const awaitedIssues = (record: SessionRecord): string[] =>
  record.phase === "queued" ? unmetOf(record).flatMap(({ issue }) => issue ?? []) : [];

export function waitOf(state: State, session: SessionRecord): Wait {
  const wait: Wait = { met: [], reason: null, lost: null };
  const words: string[] = [];
  for (const one of unmetOf(session)) {
    const found = judge(state, session, one);
    if (found === "met") wait.met.push({ session: one.session, issue: one.issue });
    else {
      words.push(found.words);
      wait.lost ??= found.lost;
    }
  }
  if (words.length === 0) return wait;
  const circle = circleOf(state, session)?.map(labelOf).join(" → ") ?? null;
  wait.reason = circle === null ? `waits for ${words.join(", and for ")}` : `waits for itself: ${circle}`;
  if (wait.lost !== null) wait.lost = { ...wait.lost, reason: wait.reason };
  if (circle !== null) {
    wait.lost = { reason: wait.reason, hint: `ao resume ${session.id}`, cause: `after:${circle}` };
  }
  return wait;
}

interface Awaited {
  words: string;
  lost: LostPredecessor | null;
}

function judge(state: State, session: SessionRecord, one: Predecessor): "met" | Awaited {
  const all = sessionsOf(state, session, one);
  if (all.some(isFinished)) return "met";
  const live = all.find((each) => !isOver(each));
  if (live !== undefined) return { words: `${nameOf(live, one)} to be merged or done`, lost: null };
  const last = all.at(-1);
  if (last !== undefined) return ofFailed(session, last, one);
  if (one.session !== null) {
    const hint = `ao resume ${session.id}`;
    return {
      words: `${one.session}, which is gone`,
      lost: { reason: "", hint, cause: `after:${one.session}:gone` },
    };
  }
  if (one.isGone === true) {
    const lost = { reason: "", hint: `ao resume ${session.id}`, cause: `after:${one.issue}:gone` };
    return { words: `issue ${one.issue}, which is gone (${one.problem})`, lost };
  }
  const problem = one.problem ? ` (the tracker cannot tell: ${one.problem})` : "";
  return {
    words: `issue ${one.issue}${blocking(one)} to be closed, or a session of it to be done${problem}`,
    lost: null,
  };
}

function ofFailed(session: SessionRecord, last: SessionRecord, one: Predecessor): Awaited {
  const hint = `ao restore ${last.id}, or ao resume ${session.id}`;
  return {
    words: `${nameOf(last, one)}, which ${howEnded(last)}`,
    lost: { reason: "", hint, cause: `after:${last.id}:${last.ending?.at ?? ""}` },
  };
}

function howEnded({ ending }: SessionRecord): string {
  if (ending === null) return "was archived";
  return ending.status === "errored" ? `failed: ${ending.reason}` : `was ${ending.status}`;
}

const blocking = ({ by }: Predecessor): string => (by === "tracker" ? ", which blocks it," : "");

const nameOf = ({ id }: SessionRecord, one: Predecessor): string =>
  one.issue === null ? id : `${id} (issue ${one.issue}${one.by === "tracker" ? ", which blocks it" : ""})`;

/** Merged or done. What was killed before its pull request was merged counts as well. */
const isFinished = ({ ending, pr: { snapshot: pr } }: SessionRecord): boolean =>
  ending?.status === "merged" || ending?.status === "done" || (ending !== null && pr?.state === "merged");

/** The sessions that a predecessor names, oldest first. */
function sessionsOf(state: State, of: SessionRecord, { session, issue }: PredecessorName): SessionRecord[] {
  if (session !== null) return state.sessions[session] === undefined ? [] : [state.sessions[session]];
  return Object.values(state.sessions)
    .filter(
      (each) =>
        each.instanceId === of.instanceId &&
        each.projectId === of.projectId &&
        each.task.issue !== null &&
        issueKey(each.task.issue) === issue,
    )
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Whether the session would wait for itself in the end: the way there. Null if not. */
function circleOf(state: State, session: SessionRecord): readonly SessionRecord[] | null {
  const visited = new Set<string>();
  const search = (from: SessionRecord, way: readonly SessionRecord[]): readonly SessionRecord[] | null => {
    for (const next of unmetOf(from).flatMap((one) => sessionsOf(state, from, one))) {
      if (next.id === session.id) return [...way, next];
      if (visited.has(next.id) || isOver(next)) continue;
      visited.add(next.id);
      const found = search(next, [...way, next]);
      if (found !== null) return found;
    }
    return null;
  };
  return search(session, [session]);
}

const labelOf = ({ id, task }: SessionRecord): string =>
  task.issue === null ? id : `${id} (issue ${issueKey(task.issue)})`;

const taskOf = ({ task }: SessionRecord): string => (task.issue === null ? "it" : `issue ${issueKey(task.issue)}`);

/** Why one of these new sessions would wait for itself. Null if none would. */
export function refusalOfCircles(state: State, ids: readonly string[]): Refusal | null {
  for (const id of ids) {
    const session = state.sessions[id];
    const circle = session === undefined ? null : circleOf(state, session);
    if (session === undefined || circle === null) continue;
    // The new ones have no name yet that the user knows.
    const nameOf = (one: SessionRecord) => (ids.includes(one.id) ? taskOf(one) : labelOf(one));
    return {
      code: "REFUSED",
      message: `${taskOf(session)} would wait for itself: ${circle.map(nameOf).join(" → ")}`,
      hint: "Spawn first what comes first, without `--after`.",
    };
  }
  return null;
}
