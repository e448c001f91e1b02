import type { Policy } from "../model/policy.ts";
import type { PRSnapshot } from "../model/pull-request.ts";
import type { Refusal } from "../model/refusal.ts";
import type { SessionRecord } from "../model/session.ts";
import { MAX_SNOOZE_MS } from "../model/snooze.ts";
import { at, type Iso } from "../model/time.ts";
import { hasOpenPr, isBetweenTurns, isOver } from "./facts-of.ts";
import { causeOfAttention } from "./snooze.ts";

/**
 * Why a session can't be given a wish now, for the caller who made it. Null: it can. What changes between this look and the step
 * that takes the wish up is that step's matter.
 */
type Refused = Refusal | null;

const refused = (message: string, hint: string): Refusal => ({ code: "REFUSED", message, hint });

/** No message reaches an agent whose session is over. One that crashed is started for it. */
export function refusalOfMessage({ id, ending, isArchived }: SessionRecord): Refused {
  const status = isArchived ? "archived" : ending?.status;
  if (status === undefined || status === "errored") return null;
  return refused(`${id} is ${status}`, `Run \`ao restore ${id}\` first.`);
}

export function refusalOfRestore(record: SessionRecord, policy: Policy): Refused {
  const { id, ending } = record;
  const { last: launch } = record.launch;
  const isRunning = launch !== null && launch.exit === null && ending === null;
  if (isRunning) return refused(`${id} is running`, `Run \`ao attach ${id}\` to see it.`);
  if (!isBetweenTurns(record, policy)) return null;
  return refused(
    `${id} is between two turns, so there is nothing to restore`,
    `Run \`ao send ${id} "…"\` to start its next turn.`,
  );
}

export function refusalOfHandoff(record: SessionRecord, { agent }: Policy): Refused {
  const { id, phase, ending } = record;
  const { last: launch, stopping } = record.launch;
  const isStarting = launch !== null && launch.startedAt === null && launch.exit === null && !launch.failedAt;
  const isRunning = launch !== null && launch.startedAt !== null && launch.exit === null;
  if (ending?.status === "merged") {
    return refused(`${id} is merged, so there is nothing left to hand off`, "Spawn a new session.");
  }
  if (phase === "removing") {
    return refused(`${id} is being removed`, `Run \`ao restore ${id}\`, then hand it off.`);
  }
  if (stopping || isStarting) {
    return refused(`${id} is ${stopping ? "being stopped" : "just starting"}`, "Try again in a moment.");
  }
  if (!isRunning || agent.lifetime !== "per-turn") return null;
  return refused(`${id} is in the middle of a turn`, `Wait until it ends, or stop the agent with \`ao kill ${id}\`.`);
}

/** Another pull request for this session. */
export function refusalOfClaim(record: SessionRecord): Refused {
  const { id, status } = record;
  const { snapshot: pr } = record.pr;
  if (isOver(record)) return refused(`${id} is ${status}`, `Bring it back first: \`ao restore ${id}\`.`);
  if (record.workspacePath === null || record.launch.stopping) {
    return refused(`${id} has no checkout now (${status})`, "Try again later.");
  }
  if (hasOpenPr(record)) {
    const hint = "Start a new session for the other one: `ao spawn --pr`.";
    return refused(`${id} has PR ${pr?.info.number} open`, hint);
  }
  if (record.turnStartedAt === null) return null;
  return refused(`${id} is in the middle of a turn`, `Wait until it ends, or stop it with \`ao interrupt ${id}\`.`);
}

/** Hiding what it needs the user for. `cause`: what that was when they were shown it. */
export function refusalOfSnooze(
  record: SessionRecord,
  { until, cause, nowMs }: { until: Iso; cause: string | undefined; nowMs: number },
): Refused {
  const leftMs = at(until) - nowMs;
  if (leftMs <= 0) return { code: "USAGE", message: "that time has passed" };
  if (leftMs > MAX_SNOOZE_MS) return { code: "USAGE", message: "nothing can be snoozed for more than 7 days" };
  const now = causeOfAttention(record);
  if (now === null) return { code: "REFUSED", message: `${record.id} does not need you now` };
  if (cause === undefined || cause === now) return null;
  return { code: "REFUSED", message: `${record.id} needs you for something else now: ${record.attention?.reason}` };
}

/** A merge of the head as the scm has it now. `headSha`: as the user was shown it. */
export function refusalOfMerge(
  { id }: SessionRecord,
  { snapshot, headSha }: { snapshot: PRSnapshot; headSha: string | undefined },
): Refused {
  if (snapshot.state === "closed") return { code: "REFUSED", message: `the pull request of ${id} is closed` };
  if (headSha !== undefined && headSha !== snapshot.headSha) {
    const heads = `${snapshot.headSha.slice(0, 7)}, not at ${headSha.slice(0, 7)}`;
    return refused(`the branch of ${id} is at ${heads} now, so nothing was merged`, `Run \`ao diff ${id}\` to see it.`);
  }
  const { mergeable, blockers } = snapshot.readiness;
  if (mergeable) return null;
  const why = blockers.join("; ") || "not ready";
  return refused(`${id} cannot be merged: ${why}`, `Run \`ao explain ${id}\` to see what is missing.`);
}

/** Commits can't be pushed to where a pull request from a fork comes from. */
export function refusalOfPush(record: SessionRecord): Refused {
  const { fork, number } = record.pr.snapshot?.info ?? {};
  if (fork === undefined || !hasOpenPr(record)) return null;
  return refused(
    `PR ${number} comes from ${fork}, and nothing can be pushed there from here`,
    `The commits are on the local branch ${record.branch}: push it yourself to where you want it.`,
  );
}

/** What was merged or closed is not proposed again, only what was committed since. */
export function refusalOfProposal(
  { pr: { snapshot: pr } }: SessionRecord,
  over: { number: number; headSha: string | null; state: string },
): Refused {
  const isSame = pr?.info.number === over.number && over.headSha !== null && pr.headSha === over.headSha;
  if (!isSame) return null;
  return refused(
    `PR ${over.number} was ${over.state}, and nothing has been committed since`,
    "Commit something first. It will get its own pull request.",
  );
}

/** To be waited for, a session must be able to end well. */
export function refusalOfWaiting({ id, ending, pr: { snapshot: pr } }: SessionRecord): Refused {
  const status = ending?.status;
  if (status === undefined || status === "merged" || status === "done" || pr?.state === "merged") return null;
  return refused(`${id} is ${status}: it will not be merged or done`, `Bring it back first: \`ao restore ${id}\`.`);
}
