import { GROUP_NAMES, GROUPS, type GroupName, type SessionRecord } from "../model/session.ts";
import { applyMembers, applyPatch, define, isMembers, type Patch } from "./patch.ts";

/**
 * Until format 4 every member of a record was at its top. Where each of them is now that is in a group. What is read from
 * disk passes here, and nothing else knows the old names.
 */
export const PLACES: Readonly<Record<string, readonly [GroupName, string]>> = {
  launch: ["launch", "last"],
  agentSessionId: ["launch", "agentSessionId"],
  hasStarted: ["launch", "hasStarted"],
  stopping: ["launch", "stopping"],
  stopFailedAt: ["launch", "stopFailedAt"],
  pr: ["pr", "snapshot"],
  prSeenAt: ["pr", "seenAt"],
  prUnansweredSince: ["pr", "unansweredSince"],
  prUnansweredWhy: ["pr", "unansweredWhy"],
  prGapEndedAt: ["pr", "gapEndedAt"],
  prHeadSince: ["pr", "headSince"],
  checkLogs: ["pr", "checkLogs"],
  baseFailures: ["pr", "baseFailures"],
  mergedBy: ["pr", "mergedBy"],
  mergeFailure: ["pr", "mergeFailure"],
  reruns: ["pr", "reruns"],
  merging: ["pr", "merging"],
  queued: ["pr", "queued"],
  queueLeft: ["pr", "queueLeft"],
  conflict: ["pr", "conflict"],
  conflictDetails: ["pr", "conflictDetails"],
  toldHead: ["pr", "toldHead"],
  formerPrs: ["pr", "earlier"],
  takenPr: ["pr", "taken"],
  baseMove: ["pr", "baseMove"],
  prAskedFor: ["pr", "askedFor"],
  prFailure: ["pr", "openFailure"],
  readying: ["pr", "readying"],
  readyFailure: ["pr", "readyFailure"],
  wasReady: ["pr", "wasReady"],
  asks: ["pr", "asks"],
  released: ["pr", "released"],
  botRounds: ["pr", "botRounds"],
  issueClaim: ["issue", "claim"],
  issueStage: ["issue", "stage"],
  issueClose: ["issue", "close"],
  messages: ["messages", "list"],
  reactionSends: ["messages", "reactionSends"],
  reactionMessages: ["messages", "reactionMessages"],
  usage: ["usage", "reports"],
  usageFolded: ["usage", "folded"],
  usageGone: ["usage", "gone"],
  usageDay: ["usage", "day"],
  cost: ["usage", "cost"],
  limit: ["limits", "hold"],
  limitTold: ["limits", "told"],
  granted: ["limits", "granted"],
  vendorLimit: ["limits", "vendor"],
  handingOver: ["handover", "next"],
  formerAgents: ["handover", "former"],
  takesOver: ["handover", "takesOver"],
};

type Members = Record<string, unknown>;

const placeOf = (name: string): readonly [GroupName, string] | null =>
  (Object.hasOwn(PLACES, name) ? PLACES[name] : undefined) ?? null;

/** A record of any format, in groups. Every grouped record has a member `handover`, and no flat one has. */
export function grouped(record: SessionRecord): SessionRecord {
  if (Object.hasOwn(record, "handover")) return record;
  const top: Members = {};
  const groups: Record<string, Members> = {};
  for (const name of GROUP_NAMES) groups[name] = {};
  for (const [name, value] of Object.entries(record)) {
    const [group, member] = placeOf(name) ?? [null, name];
    define(group === null ? top : (groups[group] ?? {}), member, value);
  }
  return { ...top, ...groups } as SessionRecord;
}

/** Sessions of a checkpoint of any format. */
export const groupedSessions = <T>(sessions: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(sessions).map(([id, record]) => [id, isMembers(record) ? (grouped(record as never) as T) : record]),
  );

/** How a record changed. What changed in its groups stands apart, so that a line tells by itself that it is not of a flat record. */
export interface RecordPatch extends Patch {
  groups?: Record<string, Patch>;
}

const isGroup = (name: string): boolean => Object.hasOwn(GROUPS, name);

/** What is written of a change. */
export function toRecordPatch({ members, ...change }: Patch): RecordPatch {
  const entries = Object.entries(members ?? {});
  const groups = entries.filter(([name]) => isGroup(name));
  const others = entries.filter(([name]) => !isGroup(name));
  return {
    ...change,
    ...(others.length === 0 ? {} : { members: Object.fromEntries(others) }),
    ...(groups.length === 0 ? {} : { groups: Object.fromEntries(groups) }),
  };
}

/** Returns a new record: a grouped one with a change as it was written, in any format. */
export function applyRecordPatch(record: SessionRecord, written: RecordPatch): SessionRecord {
  const change = isOfFlat(written) ? regrouped(written) : written;
  const next = applyPatch(record, change);
  if (change.groups !== undefined) applyMembers(next, change.groups);
  return next;
}

function isOfFlat({ patch, removed, members, items }: Patch): boolean {
  for (const part of [patch, members, items]) {
    for (const name in part) if (Object.hasOwn(PLACES, name)) return true;
  }
  return removed?.some((name) => Object.hasOwn(PLACES, name)) === true;
}

function regrouped({ patch, removed, members, items, groups }: RecordPatch): RecordPatch {
  const top: RecordPatch = { groups: { ...groups } };
  const targetOf = (group: GroupName | null): Patch => {
    if (group === null || top.groups === undefined) return top;
    const target = top.groups[group] ?? {};
    top.groups[group] = target;
    return target;
  };
  const put = (kind: "patch" | "members" | "items", name: string, value: unknown) => {
    const [group, member] = placeOf(name) ?? [null, name];
    const target = targetOf(group);
    target[kind] ??= {};
    define(target[kind], member, value);
  };
  for (const [name, value] of Object.entries(patch ?? {})) put("patch", name, value);
  for (const [name, value] of Object.entries(members ?? {})) put("members", name, value);
  for (const [name, value] of Object.entries(items ?? {})) put("items", name, value);
  for (const name of removed ?? []) {
    const [group, member] = placeOf(name) ?? [null, name];
    const target = targetOf(group);
    target.removed = [...(target.removed ?? []), member];
  }
  return top;
}
