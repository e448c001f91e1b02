import type { EventType } from "../../model/event.ts";
import type { DecideContext } from "../../model/policy.ts";
import type { Episode, ReactionKey } from "../../model/reaction.ts";
import type { SessionRecord } from "../../model/session.ts";

/** One look for a problem. `unclear`: neither there nor gone (pending is not passing); an episode stays as it is. */
export type Seen = { state: "gone" } | { state: "unclear"; wakeAtMs?: number } | { state: "present"; problem: Problem };

export interface Problem {
  /** What makes this problem this one: the head and its failing checks and attempts; a state of the checkout. */
  fingerprint: string;
  /** Instead of one fingerprint: ids (of comments) of which each is answered once, edited or not. */
  items?: readonly string[];
  /** The failing checks it is about, by the keys of their logs. Others are run again first. */
  checks?: readonly string[];
  /** One line for people. */
  because: string;
  /** Nothing is sent before (more comments may come, a log is being read). */
  notBeforeMs?: number;
  /** What it waits for, and until when at the latest. */
  heldFor?: { why: string; untilMs: number | null };
  /** Why the agent cannot be given this: the user is told instead. */
  notForAgent?: string;
  /** The event that tells the user, where it is not the rule's. */
  notice?: EventType;
  /** The name of the cause, where it is not this session's own. */
  cause?: string;
}

export interface ReactionRule {
  key: ReactionKey;
  detect(record: SessionRecord, ctx: DecideContext): Seen;
  /** The message to the agent. `answered`: items it has been sent before. */
  compose(record: SessionRecord, problem: Problem, answered: ReadonlySet<string>): string;
  /** The event that carries the notification to the user. */
  notice: EventType;
  cause(record: SessionRecord, problem: Problem): string;
  /** A turn that ended without a new fingerprint allows another send of the same. */
  resendsAfterTurn?: boolean;
  /** After such a turn the problem must be looked at afresh before it counts as still there. */
  isSeenAfterTurn?(record: SessionRecord, ctx: DecideContext): true | { notBeforeMs: number };
  /** Durations stand still while the scm does not answer. */
  asksScm?: boolean;
  /** A message about an older head is worth nothing. */
  isAboutHead?: boolean;
  /** New items after an escalation are new words of a person: a new episode. */
  reopens?: boolean;
  /** Sends are counted over all episodes of a pull request: bots never tire. */
  countsPerPr?: boolean;
  /** The event that tells that the agent has its message, and what that was about. Without one, it is `reaction.triggered` only. */
  sent?: { type: EventType; what: string };
  /** The event that tells that the problem is still there after the agent had a message about it. */
  notSolved?: EventType;
  /** The user is also told what the agent said last. */
  quotesAgent?: boolean;
  /** The problem in words goes on after the session's name: "app-1 asks: …". */
  hasSessionAsSubject?: boolean;
  /** The command that helps the user with it, where it is not `ao explain`. */
  hint?(sessionId: string): string;
}

export const GONE: Seen = { state: "gone" };
export const UNCLEAR: Seen = { state: "unclear" };
export const present = (problem: Problem): Seen => ({ state: "present", problem });

export const answeredItems = (episode: Episode): ReadonlySet<string> =>
  new Set(episode.fingerprint === "" ? [] : episode.fingerprint.split(" "));

/** Whether this problem, or some item of it, has never been answered in this episode. */
export function isNews(problem: Problem, episode: Episode): boolean {
  if (problem.items === undefined) return problem.fingerprint !== episode.fingerprint;
  const answered = answeredItems(episode);
  return problem.items.some((item) => !answered.has(item));
}

/** The fingerprint of an episode once this problem is answered. */
export function answeredFingerprint(problem: Problem, episode: Episode): string {
  if (problem.items === undefined) return problem.fingerprint;
  return [...new Set([...answeredItems(episode), ...problem.items])].sort().join(" ");
}

export const fingerprintOf = (items: readonly string[]): string => [...items].sort().join(" ");
