import type { SessionView, StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { ageOf, costText, dollars, GROUP_TITLES, oneLine, tokenCount } from "@agent-orchestrator/core/model/text";
import { clockTime } from "./age.ts";

/** What a session is, in the words of `ao status`. All of it is cleaned, since much of it is strangers' text. */

export const GROUPS = Object.keys(GROUP_TITLES) as StatusGroup[];

const MAX_TITLE = 300;
const MAX_REASON = 400;

export const issueTag = ({ id }: { id: string }): string => `${/^\d/.test(id) ? "#" : ""}${oneLine(id, 40)}`;

export const titleOf = ({ issue, summary, branch }: SessionView): string =>
  oneLine(issue?.title ?? summary ?? branch, MAX_TITLE);

export const statusWord = (status: string): string => status.replaceAll("_", " ");

const EVIDENCE: Record<string, string> = {
  report: "by its own report",
  hook: "by its hooks",
  protocol: "by its protocol",
  transcript: "by its transcript",
  process: "by its process",
  output: "by its output",
  screen: "by its screen",
  none: "nobody can tell",
};

const DOING: Record<string, string> = {
  active: "working",
  ready: "idle",
  idle: "idle",
  waiting_input: "asking",
  blocked: "blocked",
  limited: "at its vendor's limit",
  exited: "exited",
  unknown: "unknown",
};

/** What the agent does, and how that is known: `working, by its hooks`. */
export function doingOf({ activity, isPaused, setUp }: SessionView): { text: string; evidence: string } | null {
  if (isPaused) return { text: "paused", evidence: "" };
  if (setUp !== undefined) return { text: `setting up: ${oneLine(setUp.command, 60)}`, evidence: "" };
  if (activity === null) return null;
  return {
    text: DOING[activity.state] ?? activity.state,
    evidence: EVIDENCE[activity.source] ?? activity.source,
  };
}

/** Why it is where it is, without what the group already says. */
export function reasonOf(view: SessionView): string {
  const { attention, because, queuedFor, status } = view;
  if (attention !== null) return oneLine(attention.reason, MAX_REASON);
  if (status === "queued") return oneLine(queuedFor ?? "starts when there is room", MAX_REASON);
  return oneLine(because, MAX_REASON);
}

/** How long it has waited for you, been in its state, or been over. */
export function waitOf(view: SessionView, nowMs: number): string {
  const { attention, group, statusSince, snoozedUntil } = view;
  if (snoozedUntil) return `snoozed until ${clockTime(snoozedUntil, nowMs)}`;
  if (group === "needs-you" || group === "ready-to-merge")
    return `waits ${ageOf(attention?.since ?? statusSince, nowMs)}`;
  if (group === "ended") return `${ageOf(statusSince, nowMs)} ago`;
  return `for ${ageOf(statusSince, nowMs)}`;
}

export type Tone = "good" | "bad" | "busy" | "none";

/** CI and review as marks, each with words for a screen reader. */
export function ciMark({ pr }: SessionView): { tone: Tone; text: string } | null {
  if (pr === null) return null;
  const marks = {
    passing: { tone: "good", text: "CI passes" },
    failing: { tone: "bad", text: "CI fails" },
    pending: { tone: "busy", text: "CI runs" },
    none: { tone: "none", text: "no CI" },
  } as const;
  return marks[pr.ci];
}

export function reviewMark({ pr }: SessionView): { tone: Tone; text: string } | null {
  if (pr === null || pr.review === "none") return null;
  const marks = {
    approved: { tone: "good", text: "approved" },
    changes_requested: { tone: "bad", text: "changes requested" },
    pending: { tone: "busy", text: "review pending" },
  } as const;
  return marks[pr.review];
}

/** Short: dollars if all of it has a price, or else tokens. */
export function costShort({ cost }: SessionView): string {
  if (cost === null) return "";
  if (cost.usd !== null) return dollars(cost.usd);
  if (cost.knownUsd !== null && cost.knownUsd > 0) return `≥ ${dollars(cost.knownUsd)}`;
  return cost.tokens === null || cost.tokens === 0 ? "" : `${tokenCount(cost.tokens)} tokens`;
}

export function costLong({ cost }: SessionView): string {
  if (cost === null) return "not known";
  return costText({ usd: cost.usd, knownUsd: cost.knownUsd ?? 0, tokens: cost.tokens ?? 0 });
}
