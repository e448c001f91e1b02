import { type ReactionConfig, type ReactionInput, ReactionKey } from "./reaction.ts";
import { parseDuration } from "./time.ts";

const MINUTE = 60_000;

/** Of every reaction that sets none: no reaction repeats endlessly, whatever its problem turns into. */
export const DEFAULT_RETRIES = 2;

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

/** What happens if a config sets nothing. */
export const DEFAULT_REACTIONS: Readonly<Record<ReactionKey, ReactionConfig>> = {
  "ci-failed": { ...base, action: "send-to-agent", retries: 2 },
  "changes-requested": { ...base, action: "send-to-agent", escalateAfterMs: 30 * MINUTE },
  /** Three attempts: the first send and two more. */
  "bugbot-comments": { ...base, action: "send-to-agent", retries: 2, escalateAfterMs: 30 * MINUTE },
  "merge-conflicts": { ...base, action: "send-to-agent", escalateAfterMs: 15 * MINUTE },
  /** Nothing is merged automatically unless both `auto: true` and `action: auto-merge` are set. */
  "approved-and-green": { ...base, auto: false, priority: "action" },
  "agent-idle": { ...base, priority: "action", thresholdMs: 5 * MINUTE },
  "agent-stuck": { ...base, priority: "urgent", thresholdMs: 10 * MINUTE },
  "agent-needs-input": { ...base, priority: "urgent" },
  "agent-exited": { ...base, priority: "urgent" },
  "pr-closed": { ...base, priority: "action" },
  "all-complete": { ...base, priority: "info", includeSummary: true },
};

/** One reaction, overridden key by key by a config. */
function overlay(under: ReactionConfig, input: ReactionInput): ReactionConfig {
  const { escalateAfter, threshold, ...rest } = input;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const isSends = typeof escalateAfter === "number";
  return {
    ...under,
    ...given,
    ...(threshold === undefined ? {} : { thresholdMs: threshold }),
    ...(escalateAfter === undefined
      ? {}
      : {
          escalateAfterMs: isSends ? null : parseDuration(escalateAfter),
          escalateAfterSends: isSends ? escalateAfter : null,
        }),
  };
}

export type ReactionInputs = Partial<Record<ReactionKey, ReactionInput | undefined>>;

/** The defaults, overridden by each of the given layers, lowest first. */
export function resolveReactions(...layers: (ReactionInputs | undefined)[]): Record<ReactionKey, ReactionConfig> {
  const entries = ReactionKey.options.map((key) => {
    const inputs = layers.flatMap((layer) => layer?.[key] ?? []);
    return [key, inputs.reduce<ReactionConfig>(overlay, DEFAULT_REACTIONS[key])] as const;
  });
  return Object.fromEntries(entries) as Record<ReactionKey, ReactionConfig>;
}
