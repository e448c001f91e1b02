import type { SessionFact } from "../../model/fact.ts";
import type { Draft } from "../draft.ts";
import { applyGrant } from "../limit-hold.ts";
import { applyUsage } from "../usage.ts";
import { applyAgentFact } from "./agent.ts";
import { applyAnswerFact } from "./answers.ts";
import { applyEffectFact } from "./effects.ts";
import { applyHandOverFact } from "./hand-over.ts";
import { applyMessageFact } from "./messages.ts";
import { touch } from "./pace.ts";
import { applyPredecessorFact } from "./predecessors.ts";
import { applyRuntimeFact } from "./runtime.ts";
import { applyStartFact } from "./start.ts";
import { applyWishFact } from "./wishes.ts";
import { applyWorldFact } from "./world.ts";

/** Which facts show that the session is in use; cleanup counts from the last of them. */
const IS_ACTIVITY: ReadonlySet<SessionFact["kind"]> = new Set<SessionFact["kind"]>([
  "launched",
  "output",
  "exited",
  "human-input",
  "activity",
  "turn-ended",
  "progress",
  "text-taken",
  "repository-changed",
  "reported",
  "message-written",
  "message-accepted",
  "wish-send",
  "wish-release",
  "wish-restore",
  "wish-handoff",
  "wish-interrupt",
  "answered",
  "human-did",
]);

/** One fact into the record. A fact of another launch than the present one changes nothing. */
export function applyFact(draft: Draft, fact: SessionFact): void {
  if ("launch" in fact && fact.launch !== draft.record.launch?.number) return;
  if (IS_ACTIVITY.has(fact.kind)) touch(draft, fact.at);
  applyPredecessorFact(draft, fact);
  applyStartFact(draft, fact);
  applyRuntimeFact(draft, fact);
  applyAnswerFact(draft, fact);
  applyAgentFact(draft, fact);
  applyWorldFact(draft, fact);
  applyMessageFact(draft, fact);
  applyWishFact(draft, fact);
  applyHandOverFact(draft, fact);
  applyEffectFact(draft, fact);
  if (fact.kind === "usage") applyUsage(draft, fact.usage);
  applyGrant(draft, fact);
}
