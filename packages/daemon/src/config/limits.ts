import type { BoundsInput, LimitsInput } from "@agent-orchestrator/core/model/config-policy";
import type { Bounds, Limits } from "@agent-orchestrator/core/model/policy";

type BoundsMap = Exclude<BoundsInput, number>;

const SCOPES = ["session", "project", "day"] as const;

/** The smaller one of every limit that both set. */
export function smallerLimits(user: LimitsInput = {}, own: LimitsInput = {}): LimitsInput {
  return {
    ...own,
    ...defined({
      maxConcurrentSessions: smaller(user.maxConcurrentSessions, own.maxConcurrentSessions),
      maxReactionsPerSession: smaller(user.maxReactionsPerSession, own.maxReactionsPerSession),
      maxCostUsd: smallerBounds(user.maxCostUsd, own.maxCostUsd),
      maxTokens: smallerBounds(user.maxTokens, own.maxTokens),
    }),
  };
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function smallerBounds(a: BoundsInput | undefined, b: BoundsInput | undefined): BoundsMap | undefined {
  if (a === undefined && b === undefined) return undefined;
  const [x, y] = [asMap(a), asMap(b)];
  return defined(Object.fromEntries(SCOPES.map((scope) => [scope, smaller(x[scope], y[scope])])));
}

const asMap = (bounds: BoundsInput | undefined): BoundsMap =>
  typeof bounds === "number" ? { session: bounds } : (bounds ?? {});

function defined<T extends object>(map: T): T {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as T;
}

/** As decisions read them. The daily limit in the user's own config counts the sessions of every config. */
export function limitsOf(merged: LimitsInput = {}, user: LimitsInput = {}): Limits {
  const bounds = (key: "maxCostUsd" | "maxTokens"): Bounds => {
    const { session = null, project = null, day = null } = asMap(merged[key]);
    return { session, project, day, dayOfAll: asMap(user[key]).day ?? null };
  };
  return { usd: bounds("maxCostUsd"), tokens: bounds("maxTokens"), reactions: merged.maxReactionsPerSession ?? null };
}
