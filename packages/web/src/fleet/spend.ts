import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { CostView } from "@agent-orchestrator/core/protocol/results";

export interface Amount {
  name: string;
  usd: number;
  tokens: number;
  sessions: number;
  /** Some of it has no price, so `usd` is at least this. */
  isPartial: boolean;
}

const NOTHING = { usd: 0, tokens: 0, sessions: 0, isPartial: false };

function summed(parts: readonly Amount[]): Amount[] {
  const sums = new Map<string, Amount>();
  for (const part of parts) {
    const known = sums.get(part.name) ?? { name: part.name, ...NOTHING };
    sums.set(part.name, {
      name: part.name,
      usd: known.usd + part.usd,
      tokens: known.tokens + part.tokens,
      sessions: known.sessions + part.sessions,
      isPartial: known.isPartial || part.isPartial,
    });
  }
  return [...sums.values()].sort((a, b) => b.usd - a.usd || b.tokens - a.tokens || (a.name < b.name ? -1 : 1));
}

export function byAgent(views: readonly SessionView[]): Amount[] {
  return summed(
    views.map(({ agent, cost }) => ({
      name: agent,
      usd: cost?.knownUsd ?? 0,
      tokens: cost?.tokens ?? 0,
      sessions: 1,
      isPartial: cost !== null && cost.usd === null,
    })),
  );
}

export function byModel(views: readonly SessionView[]): Amount[] {
  return summed(
    views.flatMap(({ cost }) =>
      (cost?.models ?? []).map(({ model, usd, tokens }) => ({
        name: model ?? "unknown",
        usd: usd ?? 0,
        tokens,
        sessions: 1,
        isPartial: usd === null,
      })),
    ),
  );
}

/** The midnights that begin the last days, oldest first, in the browser's time zone. */
export function lastDays(nowMs: number, count: number): { day: string; since: string }[] {
  return Array.from({ length: count }, (_, at) => {
    const begin = new Date(nowMs);
    begin.setHours(0, 0, 0, 0);
    begin.setDate(begin.getDate() - (count - 1 - at));
    const two = (value: number) => String(value).padStart(2, "0");
    const day = `${begin.getFullYear()}-${two(begin.getMonth() + 1)}-${two(begin.getDate())}`;
    return { day, since: begin.toISOString() };
  });
}

/** What was used on each day, from what has been used since the beginning of each. */
export function perDay(days: readonly { day: string; cost: CostView }[]): Amount[] {
  return days.map(({ day, cost }, at) => {
    const later = days[at + 1]?.cost ?? { knownUsd: 0, tokens: 0 };
    return {
      name: day,
      usd: Math.max(0, cost.knownUsd - later.knownUsd),
      tokens: Math.max(0, cost.tokens - later.tokens),
      sessions: 0,
      isPartial: cost.usd === null,
    };
  });
}
