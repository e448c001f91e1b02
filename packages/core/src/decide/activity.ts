import type { Activity } from "../model/activity.ts";
import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { ActivitySource, type ActivityState } from "../model/status.ts";
import { at, type Iso } from "../model/time.ts";
import { CAUSE, withoutDialog } from "./causes.ts";
import { type Draft, patch, wakeAt } from "./draft.ts";
import { noteCutTool } from "./left-running.ts";
import { markTold } from "./notify.ts";
import { sameTurnFailure } from "./turn-failure.ts";
import { beginTurn, endTurn } from "./turns.ts";

type Claims = NonNullable<SessionRecord["claims"]>;

export const isAtRest = (state: ActivityState): boolean => state === "ready" || state === "idle";
export const isAsking = (state: ActivityState | undefined): boolean => state === "waiting_input" || state === "blocked";

/** The sources that an agent plugin speaks for. Where it has weighed them itself, its last word stands for all of them. */
const PLUGIN_SOURCES: ReadonlySet<ActivitySource> = new Set([
  "hook",
  "protocol",
  "transcript",
  "process",
  "output",
  "screen",
]);

/** What one source says now. The same again keeps its `since`, unless a turn began between. */
export function claim(draft: Draft, activity: Activity, { isWhole = false } = {}): void {
  const known = draft.record.claims ?? {};
  const { present, claims } = isWhole ? makeRoom(known, activity) : { present: known[activity.source], claims: known };
  const turn = draft.record.turnStartedAt;
  const isNews = turn !== null && present !== undefined && at(present.since) < at(turn);
  const isSame =
    present !== undefined &&
    (present.state === activity.state || isSameRest(present, activity)) &&
    present.question === activity.question &&
    present.dialog?.id === activity.dialog?.id &&
    sameTurnFailure(present.failure, activity.failure);
  const since = isSame && !isNews ? present.since : activity.since;
  const before = draft.record;
  patch(draft, { claims: { ...claims, [activity.source]: { ...activity, since } } });
  updateActivity(draft);
  if (present?.since === since && isAsking(present.state) && present.dialog === undefined) markRead(draft, before);
}

/** A failed turn that becomes idle with time is no other failure. */
const isSameRest = (a: Activity, b: Activity): boolean =>
  isAtRest(a.state) && isAtRest(b.state) && a.failure !== undefined && b.failure !== undefined;

/** The dialog of a question that the user was told of before it could be read. */
function markRead(draft: Draft, before: SessionRecord): void {
  const [cause, asking] = [CAUSE.needsInput(draft.record), CAUSE.needsInput(before)];
  const told = draft.record.told ?? [];
  if (withoutDialog(cause) !== asking || !told.includes(asking)) return;
  if (!told.some((each) => withoutDialog(each) === asking)) markTold(draft, cause);
}

/** The claims that stay with this one, and the one that it replaces. */
function makeRoom(claims: Claims, activity: Activity): { present: Activity | undefined; claims: Claims } {
  const ofPlugin = Object.values(claims).find((each) => each !== undefined && PLUGIN_SOURCES.has(each.source));
  const others = Object.entries(claims).filter(([source, each]) => {
    // That its program was started says least of all, and nothing once the agent is heard.
    if (source === "none") return activity.state === "unknown";
    return each !== undefined && !PLUGIN_SOURCES.has(each.source);
  });
  return { present: ofPlugin, claims: Object.fromEntries(others) as Claims };
}

/** Forgets the claims that `isVoid` names. */
export function dropClaims(draft: Draft, isVoid: (claim: Activity) => boolean): void {
  const kept = Object.entries(draft.record.claims ?? {}).filter(([, each]) => each !== undefined && !isVoid(each));
  patch(draft, { claims: Object.fromEntries(kept) as Claims });
  updateActivity(draft);
}

/** The end of a turn: whoever said "active" before it meant that turn. */
export function restClaims(draft: Draft, when: Iso): void {
  const claims = Object.entries(draft.record.claims ?? {}).map(([source, each]) => {
    if (each?.state !== "active" || at(each.since) > at(when)) return [source, each] as const;
    return [
      source,
      { ...each, state: "ready", since: when, evidence: "the turn ended", tool: undefined, toolSince: undefined },
    ] as const;
  });
  patch(draft, { claims: Object.fromEntries(claims) as Claims });
  updateActivity(draft);
}

/** The best source's claim becomes the activity; a change of it begins or ends a turn. */
export function updateActivity(draft: Draft): void {
  const best = bestClaim(draft.record, draft.ctx);
  const wake = reportExpiresAt(draft.record, draft.ctx);
  if (wake !== null) wakeAt(draft, wake);
  if (best === null) {
    patch(draft, { activity: null });
    return;
  }
  const before = draft.record.activity;
  patch(draft, { activity: best });
  noteCutTool(draft, before);
  if (best.state === "active") beginTurn(draft, best.since);
  else if (isAtRest(best.state) || best.state === "limited") endTurn(draft, best.since);
}

/**
 * Better sources win; "cannot tell" leaves the word to the next one. The one exception: a report is said once, so a
 * reported "active" that is older than the ready threshold yields to a newer claim of a lower source.
 */
export function bestClaim(record: SessionRecord, ctx: DecideContext): Activity | null {
  const order = ActivitySource.options.map((source) => record.claims?.[source]).filter((each) => each !== undefined);
  const told = order.filter((each) => each.state !== "unknown");
  const [first, ...others] = told;
  if (first === undefined) return order[0] ?? null;
  const expires = reportExpiresAt(record, ctx);
  if (expires === null || ctx.nowMs < expires) return first;
  return others.find((each) => at(each.since) >= at(first.since)) ?? first;
}

function reportExpiresAt(record: SessionRecord, ctx: DecideContext): number | null {
  const report = record.claims?.report;
  return report?.state === "active" ? at(report.since) + ctx.policy.readyThresholdMs : null;
}
