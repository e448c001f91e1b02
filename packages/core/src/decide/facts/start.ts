import type { Launch } from "../../model/session.ts";
import { claim, dropClaims } from "../activity.ts";
import { act, type Draft, type FactOf, note, patch } from "../draft.ts";
import { isInFlight } from "../facts-of.ts";
import { mayHaveLeftovers } from "../lifecycle/stop.ts";
import { failMessage, settleMessage } from "../messages.ts";
import { beginTurn } from "../turns.ts";

export function applyAdmission(draft: Draft): void {
  if (draft.record.phase === "queued") requestLaunch(draft, null);
}

export function applyWait(draft: Draft, { reason, lost = null }: FactOf<"waiting">): void {
  if (draft.record.phase === "queued") patch(draft, { queuedFor: reason, afterLost: lost });
}

/** The next launch of the agent's program: the first, a return (`restore`), or a turn that carries a message. */
export function requestLaunch(draft: Draft, messageId: string | null): void {
  const { record, now } = draft;
  const isTurn = messageId !== null && draft.ctx.policy.agent.lifetime === "per-turn";
  const mode: Launch["mode"] =
    record.launch.hasStarted !== true ? "first" : record.handover.takesOver ? "handoff" : isTurn ? "turn" : "restore";
  const number = (record.launch.last?.number ?? 0) + 1;
  const carried = mode === "turn" ? messageId : null;
  patch(draft, {
    phase: "starting",
    queuedFor: null,
    ...(record.afterLost ? { afterLost: null } : {}),
    ending: null,
    launch: {
      last: {
        number,
        mode,
        messageId: carried,
        requestedAt: now,
        startedAt: null,
        handle: null,
        pid: null,
        startId: null,
        isReady: false,
        exit: null,
      },
    },
  });
  const action = {
    kind: "start",
    key: `start:${record.id}:${number}`,
    launch: number,
    mode,
    messageId: carried,
  } as const;
  act(draft, mayHaveLeftovers(record) ? { ...action, hasLeftovers: true } : action);
}

export function applyWorkspaceReady(draft: Draft, fact: FactOf<"workspace-ready">): void {
  const { path, branch, baseBranch, baseSha, baseNote } = fact;
  patch(draft, { workspacePath: path, branch, baseBranch, baseSha, baseNote });
  for (const line of fact.notes) note(draft, line);
}

export function applyLaunched(draft: Draft, fact: FactOf<"launched">): void {
  const launch = draft.record.launch.last;
  if (launch === null) return;
  const { handle, pid, startId, isReady } = fact;
  if (launch.startedAt !== null) {
    // Its end was seen before its beginning: where it ran is news all the same.
    if (launch.handle === null) patch(draft, { launch: { last: { ...launch, handle, pid, startId } } });
    return;
  }
  if (fact.note !== undefined) note(draft, fact.note);
  patch(draft, {
    launch: { hasStarted: true, last: { ...launch, startedAt: fact.at, handle, pid, startId, isReady } },
  });
  if (launch.messageId !== null) settleMessage(draft, launch.messageId, { state: "accepted", when: fact.at });
  // Ended while it started: it is known to run, and will be stopped.
  if (draft.record.phase !== "starting") return;
  patch(draft, { phase: "running", report: null, progressAt: fact.at, turnStartedAt: null });
  dropClaims(draft, () => true);
  if (launch.mode === "restore" && draft.ctx.policy.agent.lifetime === "interactive") return;
  // Launched with something to do; the least trusted claim, until the agent's own evidence comes.
  claim(draft, { state: "active", since: fact.at, source: "none", evidence: "its program was started" });
  beginTurn(draft, fact.at);
}

export function applyStartFailed(draft: Draft, fact: FactOf<"start-failed">): void {
  const { phase, id } = draft.record;
  const { last: launch, stopping } = draft.record.launch;
  if (launch === null || !isInFlight(draft.record)) return;
  const { failure, step } = fact;
  patch(draft, { launch: { last: { ...launch, failedAt: fact.at } } });
  if (launch.messageId !== null) failMessage(draft, launch.messageId, failure);
  // A stop is on its way: that decides how this ends.
  if (stopping) return;
  if (phase === "starting") {
    const reason = `start failed (${step}): ${failure.message}`;
    patch(draft, { phase: "ended", ending: { status: "errored", by: "world", reason, at: fact.at, failure } });
  }
  // Nothing of a half-made start stays behind, whatever ended the session; the checkout does, for a look and for `ao restore`.
  if (step === "agent" || step === "runtime") {
    act(draft, { kind: "stop", key: `stop:${id}:${launch.number}`, launch: launch.number, reason: "its start failed" });
  }
}
