import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/host/text";
import type { Iso } from "@agent-orchestrator/core/model/time";
import { againAt } from "./try-again.ts";
import type { RateLimits, Turn } from "./wire.ts";

/** How a turn ended. */
export interface Ending {
  how: "completed" | "interrupted" | "failed" | string;
  error: string | null;
  /** The vendor lets nothing through before `resetsAt`; null there: unknown when. */
  limit: { resetsAt: Iso | null } | null;
}

const LIMITS = new Set(["usageLimitExceeded", "rateLimitExceeded"]);

export function endingOf(turn: Turn, limits: RateLimits | null): Ending {
  const error = turn.error ?? null;
  const info = error?.codexErrorInfo;
  return {
    how: turn.status === "interrupted" ? "was interrupted" : turn.status,
    error: error === null ? null : oneLine(plainError(error.message), 300),
    limit: typeof info === "string" && LIMITS.has(info) ? { resetsAt: resetOf(limits) ?? saidIn(turn) } : null,
  };
}

/** Who has no windows (without a login there are none) is told the time in words all the same. */
const saidIn = ({ error, completedAt }: Turn): Iso | null =>
  error == null || completedAt == null ? null : againAt(error.message, completedAt * 1000);

/** The latest reset among the windows that are used up. */
function resetOf(limits: RateLimits | null): Iso | null {
  const full = [limits?.primary, limits?.secondary].filter((each) => (each?.usedPercent ?? 0) >= 100);
  const resets = full.map((each) => each?.resetsAt ?? 0).filter((seconds) => seconds > 0);
  return resets.length === 0 ? null : toIso(Math.max(...resets) * 1000);
}

/** Some errors are a whole JSON answer of the vendor. */
function plainError(message: string): string {
  try {
    const parsed = JSON.parse(message) as { error?: { message?: unknown } };
    return typeof parsed.error?.message === "string" ? parsed.error.message : message;
  } catch {
    return message; // Plain words, as most are.
  }
}
