import type { Activity } from "../../model/activity.ts";
import type { ActivityState } from "../../model/status.ts";
import { at } from "../../model/time.ts";
import { claim, dropClaims, isAsking, restClaims } from "../activity.ts";
import { type Draft, type FactOf, patch } from "../draft.ts";
import { isAlive, turnNumber } from "../facts-of.ts";
import { endTurn } from "../turns.ts";
import { progress } from "./pace.ts";

/** What a report says about the activity. */
const REPORTED: Record<FactOf<"reported">["state"], ActivityState> = {
  working: "active",
  waiting: "idle",
  needs_input: "waiting_input",
  blocked: "blocked",
  done: "ready",
};

export function applyTurnEnd(draft: Draft, fact: FactOf<"turn-ended">): void {
  endTurn(draft, fact.at);
  restClaims(draft, fact.at);
}

export function applyRepositoryChange(draft: Draft, fact: FactOf<"repository-changed">): void {
  patch(draft, { repositoryChangedAt: fact.at });
  progress(draft, fact.at);
}

export function applyActivity(draft: Draft, { activity, isWhole }: FactOf<"activity">): void {
  // The death of a process is told by the runtime, with its status; a screen cannot know.
  if (activity.state === "exited" || !isAlive(draft.record)) return;
  const hadTurn = draft.record.turnStartedAt;
  claim(draft, activity, { isWhole: isWhole === true });
  // A new turn is not what the agent reported at the end of the one before.
  if (hadTurn === null && draft.record.turnStartedAt !== null) dropClaims(draft, (each) => each.source === "report");
  // Nor does "working" or "done", said during a turn, outlast the error that ended it.
  if (activity.failure !== undefined) {
    dropClaims(
      draft,
      (each) => each.source === "report" && !isAsking(each.state) && at(each.since) <= at(activity.since),
    );
  }
}

export function applyReport(draft: Draft, fact: FactOf<"reported">): void {
  if (draft.record.launch.last === null) return;
  progress(draft, fact.at);
  const { state, note } = fact;
  const activity: Activity = {
    state: REPORTED[state],
    since: fact.at,
    source: "report",
    evidence: note === null ? `it reported ${state}` : `it reported ${state}: ${note}`,
  };
  if (state === "needs_input" || state === "blocked") activity.question = note ?? "";
  patch(draft, { report: { state, note, at: fact.at, turn: turnNumber(draft.record) } });
  claim(draft, activity);
}

export function applyInfo(draft: Draft, fact: FactOf<"agent-info">): void {
  if (fact.summary !== undefined) patch(draft, { summary: fact.summary });
  if (fact.agentSessionId !== undefined) patch(draft, { launch: { agentSessionId: fact.agentSessionId } });
  if (fact.cost !== undefined) patch(draft, { usage: { cost: fact.cost } });
}
