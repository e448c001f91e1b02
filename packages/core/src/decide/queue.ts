import type { EventDraft } from "../model/event.ts";
import { projectKey } from "../model/ids.ts";
import type { LostPredecessor, PredecessorName } from "../model/predecessor.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Cost } from "../model/spend.ts";
import type { State } from "../model/state.ts";
import { type ActivityState, ENDED, type SessionStatus } from "../model/status.ts";
import { costText } from "../model/text.ts";
import { at } from "../model/time.ts";
import { isAlive, isOver } from "./facts-of.ts";
import { waitOf } from "./predecessors.ts";
import { plural } from "./text.ts";

/** Each of them holds. */
export interface QueueLimits {
  /** Of the whole machine, from the user's own config; null: none. */
  max: number | null;
  /** Of one config, by its id. */
  perInstance: Readonly<Record<string, number>>;
  /** Of one project, by `{instanceId}-{projectId}`. */
  perProject: Readonly<Record<string, number>>;
}

export interface Admission {
  /** Sessions that start now, in order. */
  start: string[];
  /** Why each of the others waits. */
  waiting: { id: string; reason: string; lost?: LostPredecessor }[];
  /** What sessions waited for and is merged or done. */
  met: { id: string; of: PredecessorName }[];
}

const OPEN: ReadonlySet<SessionStatus> = new Set(["spawning", "needs_input", "stuck"]);
const NOT_WORKING: ReadonlySet<ActivityState | undefined> = new Set(["ready", "idle", "limited", "exited"]);

/**
 * An agent that takes a place: it starts; or its process lives, and it works, asks or is stuck. One that is idle takes none,
 * whatever its pull request waits for; one that works on its pull request does.
 */
export function takesPlace(record: SessionRecord): boolean {
  if (record.phase === "starting") return true;
  if (!isAlive(record) || isOver(record)) return false;
  if (OPEN.has(record.status) || record.activity?.state === "active") return true;
  return record.status === "working" && !NOT_WORKING.has(record.activity?.state);
}

/** Which queued sessions start: in the order in which they were queued, as far as all limits allow. */
export function admit(state: State, limits: QueueLimits): Admission {
  const sessions = Object.values(state.sessions);
  const busy = sessions.filter(takesPlace);
  const used = { all: busy.length, by: countBy(busy.flatMap(scopesOf), (scope) => scope) };
  const admission: Admission = { start: [], waiting: [], met: [] };
  for (const session of inOrder(sessions.filter((each) => each.phase === "queued" && !each.launch.stopping))) {
    const wait = waitOf(state, session);
    admission.met.push(...wait.met.map((of) => ({ id: session.id, of })));
    const held = pausedReason(state, session) ?? limitReason(session) ?? wait.reason;
    const reason = held ?? fullReason(session, { limits, used });
    if (reason !== null) {
      admission.waiting.push({ id: session.id, reason, ...(wait.lost === null ? {} : { lost: wait.lost }) });
      continue;
    }
    admission.start.push(session.id);
    used.all++;
    for (const scope of scopesOf(session)) used.by.set(scope, (used.by.get(scope) ?? 0) + 1);
  }
  return admission;
}

function pausedReason(state: State, session: SessionRecord): string | null {
  if (state.isPaused) return "everything is paused: `ao resume`";
  if (session.isPaused) return `it is paused: \`ao resume ${session.id}\``;
  const project = state.projects[projectKey(session.instanceId, session.projectId)];
  return project?.isPaused === true ? `${session.projectId} is paused: \`ao resume ${session.projectId}\`` : null;
}

const limitReason = ({ id, limits: { hold: limit } }: SessionRecord): string | null =>
  limit ? `${limit.reason}: \`ao resume ${id}\`` : null;

interface Load {
  limits: QueueLimits;
  used: { all: number; by: Map<string, number> };
}

const projectOf = ({ instanceId, projectId }: SessionRecord): string => projectKey(instanceId, projectId);
const scopesOf = (session: SessionRecord): string[] => [session.instanceId, projectOf(session)];

/** The widest limit first: raising a narrower one would not help. */
function fullReason(session: SessionRecord, { limits, used }: Load): string | null {
  const [inInstance, inProject] = scopesOf(session).map((scope) => used.by.get(scope) ?? 0);
  const checks = [
    { busy: used.all, max: limits.max, of: "", whose: "limits.maxConcurrentSessions" },
    {
      busy: inInstance ?? 0,
      max: limits.perInstance[session.instanceId],
      of: " of this config",
      whose: "its limits.maxConcurrentSessions",
    },
    {
      busy: inProject ?? 0,
      max: limits.perProject[projectOf(session)],
      of: ` of ${session.projectId}`,
      whose: "its limits.maxConcurrentSessions",
    },
  ];
  const full = checks.find(({ busy, max }) => max !== undefined && max !== null && busy >= max);
  if (full === undefined) return null;
  return `${plural(full.busy, "agent", "agents")}${full.of} ${full.busy === 1 ? "is" : "are"} working, and ${full.whose} is ${full.max}`;
}

function inOrder(sessions: SessionRecord[]): SessionRecord[] {
  const number = (id: string): number => Number(id.slice(id.lastIndexOf("-") + 1));
  return [...sessions].sort(
    (a, b) =>
      at(a.statusSince) - at(b.statusSince) ||
      at(a.createdAt) - at(b.createdAt) ||
      number(a.id) - number(b.id) ||
      (a.id < b.id ? -1 : 1),
  );
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

/** Every session has ended and it has not been said: the event that says so, with a summary. Else null. */
export function allComplete(state: State): EventDraft | null {
  const sessions = Object.values(state.sessions).filter((each) => each.phase !== "archived");
  if (state.isAllCompleteTold || sessions.length === 0 || !sessions.every(isComplete)) return null;
  const byStatus = countBy(sessions, (each) => each.ending?.status ?? each.status);
  const counts = [...byStatus].map(([status, count]) => `${count} ${status}`).join(", ");
  const cost = totalOf(sessions);
  return {
    type: "summary.all_complete",
    message: `${plural(sessions.length, "session has", "sessions have")} ended: ${counts}${cost === null ? "" : `; ${costText(cost)}`}`,
    data: {
      cost,
      counts: Object.fromEntries(byStatus),
      sessions: sessions.map(({ id, status, ending, pr: { snapshot: pr } }) => ({
        id,
        status,
        reason: ending?.reason ?? null,
        pr: pr?.info.url ?? null,
      })),
    },
  };
}

/** What these sessions used in all; null: none of them said. */
function totalOf(sessions: readonly SessionRecord[]): Pick<Cost, "usd" | "knownUsd" | "tokens"> | null {
  const costs = sessions.flatMap(({ usage: { cost } }) => (cost === null ? [] : [cost]));
  if (costs.length === 0) return null;
  const isKnown = costs.every(({ usd }) => usd !== null);
  const knownUsd = costs.reduce((sum, { usd, knownUsd }) => sum + (usd ?? knownUsd ?? 0), 0);
  const tokens = costs.reduce((sum, each) => sum + (each.tokens ?? 0), 0);
  return { usd: isKnown ? knownUsd : null, knownUsd, tokens };
}

/** Whether "all complete" may be told again: something runs. */
export const isAnyRunning = (state: State): boolean => Object.values(state.sessions).some((each) => !isComplete(each));

const isComplete = (record: SessionRecord): boolean =>
  isOver(record) && (record.ending === null || ENDED.has(record.ending.status));
