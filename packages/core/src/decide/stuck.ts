import type { DecideContext, Policy } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { isAlive, latest } from "./facts-of.ts";

const DEFAULT_MS = 600_000;
/** A tool call may be silent this much longer than an agent between tool calls. */
const TOOL_FACTOR = 3;

/** How long a running turn may show nothing between its tool calls. */
export const stuckAfterMs = ({ reactions }: Pick<Policy, "reactions">): number =>
  reactions["agent-stuck"].thresholdMs ?? DEFAULT_MS;

/** Since when a running turn shows nothing, and when that is too long. Null: no turn runs, or nobody would know. */
export function stuckSince(record: SessionRecord, ctx: DecideContext): { since: number; dueAt: number } | null {
  const { activity } = record;
  if (activity?.state !== "active" || !isAlive(record) || record.phase !== "running") return null;
  const since = latest(
    record.progressAt,
    record.turnStartedAt,
    activity.since,
    record.humanInputAt,
    record.launch.last?.startedAt,
    ctx.watchedSinceMs,
  );
  const threshold = stuckAfterMs(ctx.policy);
  return { since, dueAt: since + threshold * (activity.tool === undefined ? 1 : TOOL_FACTOR) };
}
