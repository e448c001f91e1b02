import { type ReactionConfig, type ReactionInput, ReactionKey } from "../../model/reaction.ts";
import { parseDuration } from "../../model/time.ts";

const MINUTE_MS = 60_000;

const base: ReactionConfig = {
  auto: true,
  action: "notify",
  message: null,
  priority: null,
  retries: null,
  escalateAfterMs: null,
  escalateAfterSends: null,
  thresholdMs: null,
  includeSummary: false,
};
const send = (limits: Partial<ReactionConfig>): ReactionConfig => ({ ...base, action: "send-to-agent", ...limits });
const tell = (priority: ReactionConfig["priority"], more: Partial<ReactionConfig> = {}): ReactionConfig => ({
  ...base,
  priority,
  ...more,
});

export const DEFAULT_REACTIONS: Readonly<Record<ReactionKey, ReactionConfig>> = {
  "ci-failed": send({ retries: 2 }),
  "changes-requested": send({ escalateAfterMs: 30 * MINUTE_MS }),
  // The first send and two more: three rounds a pull request, however many episodes they fall into.
  "bugbot-comments": send({ retries: 2, escalateAfterMs: 30 * MINUTE_MS }),
  "merge-conflicts": send({ escalateAfterMs: 15 * MINUTE_MS }),
  "approved-and-green": tell("action", { auto: false }),
  "agent-idle": tell("action", { thresholdMs: 5 * MINUTE_MS }),
  "agent-stuck": tell("urgent", { thresholdMs: 10 * MINUTE_MS }),
  "agent-needs-input": tell("urgent"),
  "agent-exited": tell("urgent"),
  "pr-closed": tell("action"),
  "all-complete": tell("info", { includeSummary: true }),
};

type Reactions = Readonly<Record<ReactionKey, ReactionConfig>>;
type Inputs = Partial<Record<ReactionKey, ReactionInput>>;

/** The user's, then the instance's, then the project's entries over the defaults, key by key. */
export function resolveReactions(...layers: (Inputs | null | undefined)[]): Record<ReactionKey, ReactionConfig> {
  const resolved: Record<ReactionKey, ReactionConfig> = { ...(DEFAULT_REACTIONS as Reactions) };
  for (const key of ReactionKey.options) {
    for (const layer of layers) {
      const input = layer?.[key];
      if (input !== undefined) resolved[key] = override(resolved[key], input);
    }
  }
  return resolved;
}

function override(config: ReactionConfig, input: ReactionInput): ReactionConfig {
  const next: ReactionConfig = { ...config };
  if (input.auto !== undefined) next.auto = input.auto;
  if (input.action !== undefined) next.action = input.action;
  if (input.message !== undefined) next.message = input.message;
  if (input.priority !== undefined) next.priority = input.priority;
  if (input.retries !== undefined) next.retries = input.retries;
  if (input.threshold !== undefined) next.thresholdMs = input.threshold;
  if (input.includeSummary !== undefined) next.includeSummary = input.includeSummary;
  if (input.escalateAfter !== undefined) {
    const isCount = typeof input.escalateAfter === "number";
    next.escalateAfterSends = isCount ? (input.escalateAfter as number) : null;
    next.escalateAfterMs = isCount ? null : parseDuration(input.escalateAfter);
  }
  return next;
}
