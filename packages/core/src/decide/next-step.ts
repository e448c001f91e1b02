import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { isAtRest } from "./activity.ts";
import { endedByInterrupt, isOver } from "./facts-of.ts";
import { isReadySoon } from "./lifecycle/ready.ts";

/** What the user can do next, as a command to type; null: nothing, the session continues without them. */
export function nextStep(record: SessionRecord, { policy }: Pick<DecideContext, "policy">): string | null {
  const { attention, id, phase, ending, activity } = record;
  const { snapshot: pr } = record.pr;
  if (attention !== null) return attention.hint;
  if (record.isPaused || record.limits.hold) return `ao resume ${id}`;
  if (phase === "removing" || ending?.status === "merged") return null;
  if (ending?.status === "done") return `ao diff ${id}, or ao restore ${id}`;
  if (isOver(record) || endedByInterrupt(record)) return `ao restore ${id}`;
  if (policy.isPaused || phase === "queued" || phase === "starting") return null;
  const isIdle = activity !== null && isAtRest(activity.state);
  if (isIdle && record.status === "pr_open" && pr?.state === "draft" && !isReadySoon(record, policy))
    return `ao ready ${id}`;
  return record.status === "working" && isIdle ? `ao diff ${id}, or ao send ${id} "…"` : null;
}
