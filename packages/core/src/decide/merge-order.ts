import { projectKey } from "../model/ids.ts";
import type { DecideContext, Peer } from "../model/policy.ts";
import type { PRSnapshot } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at } from "../model/time.ts";
import { hasOpenPr, isOver } from "./facts-of.ts";
import { isLimited } from "./vendor-limit.ts";

/** One that was brought up to date is waited for this long: its checks run, and somebody merges it. */
const MERGES_WITHIN_MS = 30 * 60_000;
/** The longest that others wait for an agent that was asked. By default it escalates long before. */
const SOLVES_WITHIN_MS = 60 * 60_000;

/** How a hold begins that ends when another session's pull request is merged. */
export const WAITS_FOR = "waits for ";

/** Why the base must be merged into its branch before it can be merged itself. Null: it need not be. */
export function needsUpdate(record: SessionRecord): "conflict" | "behind" | null {
  const { snapshot: pr } = record.pr;
  if (pr === null || !hasOpenPr(record)) return null;
  if (pr.hasConflicts === true) return "conflict";
  return pr.isBehind === true && rankOf(pr) === 0 && pr.ci !== "pending" ? "behind" : null;
}

/** Sessions of the same project with an open pull request, for decisions about another one of them. */
export function peersOf({ sessions }: Pick<State, "sessions">, record: SessionRecord): Peer[] {
  const { id, instanceId, projectId } = record;
  const byProject = known.get(sessions) ?? groupPeers(sessions);
  known.set(sessions, byProject);
  return (byProject.get(projectKey(instanceId, projectId)) ?? []).filter((peer) => peer.id !== id);
}

/** The state is never changed in place, and `ao status` asks for each session of the same one. */
const known = new WeakMap<State["sessions"], Map<string, Peer[]>>();

function groupPeers(sessions: State["sessions"]): Map<string, Peer[]> {
  const groups = new Map<string, Peer[]>();
  for (const record of Object.values(sessions)) {
    const peer = peerOf(record);
    const key = projectKey(record.instanceId, record.projectId);
    if (peer === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [peer]);
    else group.push(peer);
  }
  return groups;
}

function peerOf(record: SessionRecord): Peer | null {
  const { id, pastEpisodes } = record;
  const { snapshot: pr } = record.pr;
  if (pr === null || !hasOpenPr(record)) return null;
  const place = { baseBranch: pr.info.baseBranch, rank: rankOf(pr), number: pr.info.number };
  const updatedAt = pastEpisodes?.["merge-conflicts"]?.endedAt ?? null;
  const needs = needsUpdate(record) !== null;
  return { id, ...place, canAct: canAct(record), needsUpdate: needs, askedAt: askedAt(record), updatedAt };
}

export interface MergesFirst {
  /** Null: it is this one's turn. */
  id: string | null;
  /** It is not waited for after that. */
  untilMs: number | null;
}

/**
 * The session that is brought up to date before this one, in the order in which they will merge: each merge puts the others
 * behind again. Undefined if no other has an open pull request with the same base.
 */
export function mergesFirst(record: SessionRecord, { peers = [], nowMs }: DecideContext): MergesFirst | undefined {
  const { snapshot: pr } = record.pr;
  const others = peers.filter(({ baseBranch }) => baseBranch === pr?.info.baseBranch);
  if (pr === null || others.length === 0) return undefined;
  if (askedAt(record) !== null) return { id: null, untilMs: null };
  const own = { rank: rankOf(pr), number: pr.info.number };
  const waited = others.filter((peer) => peer.canAct).flatMap((peer) => waitFor(peer, own, nowMs) ?? []);
  const [first] = waited.sort((a, b) => compare(a.peer, b.peer));
  return { id: first?.peer.id ?? null, untilMs: first?.untilMs ?? null };
}

type Place = Pick<Peer, "rank" | "number">;

interface Wait {
  peer: Peer;
  untilMs: number | null;
}

function waitFor(peer: Peer, own: Place, nowMs: number): Wait | null {
  const until = (ms: number): Wait | null => (nowMs < ms ? { peer, untilMs: ms } : null);
  if (peer.needsUpdate && peer.askedAt !== null) return until(at(peer.askedAt) + SOLVES_WITHIN_MS);
  if (peer.needsUpdate) return compare(peer, own) < 0 ? { peer, untilMs: null } : null;
  if (peer.updatedAt === null || peer.rank !== 0) return null;
  return until(at(peer.updatedAt) + MERGES_WITHIN_MS);
}

const compare = (a: Place, b: Place): number => a.rank - b.rank || a.number - b.number;

const episodeOf = ({ episodes }: SessionRecord) => episodes["merge-conflicts"];

function askedAt(record: SessionRecord): string | null {
  const { sends = 0, lastSendAt = null } = episodeOf(record) ?? {};
  return sends > 0 ? lastSendAt : null;
}

/** Its conflict is to be solved after another one's. */
export const waitsForOther = (record: SessionRecord): boolean =>
  episodeOf(record)?.held?.startsWith(WAITS_FOR) === true;

/** Nobody waits for one that gave up, is paused, or whose agent may not be asked, so that the user was told instead. */
function canAct(peer: SessionRecord): boolean {
  const episode = episodeOf(peer);
  const isHeld = Boolean(episode?.held) && !waitsForOther(peer);
  const isUsers = episode?.escalatedAt || (episode?.notifiedAt && episode.sends === 0);
  if (isOver(peer) || peer.launch.stopping || peer.isPaused || peer.limits.hold || isLimited(peer)) return false;
  return !isHeld && !isUsers;
}

/** What is ready but for its base merges first, then what waits for a review, then what needs more work. */
function rankOf(pr: PRSnapshot): number {
  if (pr.state === "draft" || pr.ci === "failing" || pr.review === "changes_requested") return 2;
  return pr.review === "pending" ? 1 : 0;
}
