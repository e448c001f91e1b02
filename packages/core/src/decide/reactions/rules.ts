import type { ReactionKey } from "../../model/reaction.ts";
import { agentExited, agentIdle, agentNeedsInput, agentStuck } from "./agent.ts";
import { ciFailed } from "./ci-failed.ts";
import { approvedAndGreen, mergeConflicts, prClosed } from "./pull-request.ts";
import { bugbotComments, changesRequested } from "./reviews.ts";
import type { ReactionRule } from "./rule.ts";

/** Every reaction of a single session. `all-complete` is one of all sessions: see queue.ts. */
export const REACTION_RULES: readonly ReactionRule[] = [
  agentNeedsInput,
  agentExited,
  agentStuck,
  ciFailed,
  changesRequested,
  bugbotComments,
  mergeConflicts,
  approvedAndGreen,
  prClosed,
  agentIdle,
];

export const ruleOf = (key: ReactionKey): ReactionRule | undefined => REACTION_RULES.find((rule) => rule.key === key);
