import type { ExitInfo, SessionRecord } from "../../model/session.ts";
import { at, type Iso } from "../../model/time.ts";
import { claim, dropClaims, isAsking } from "../activity.ts";
import { type Draft, type FactOf, patch } from "../draft.ts";
import { describeExit, isErrorExit, isOver, latest } from "../facts-of.ts";
import { forgetLeftRunning } from "../left-running.ts";
import { settleMessage } from "../messages.ts";
import { endTurn } from "../turns.ts";

/** Keystrokes are written down this coarsely. */
const TYPING_GRAIN_MS = 2000;
const TOGETHER_MS = 10_000;
/** A program that is interrupted may tidy up for this long before it ends. */
const INTERRUPT_MS = 15_000;

export function applyReady(draft: Draft): void {
  const { last: launch } = draft.record.launch;
  if (launch !== null) patch(draft, { launch: { last: { ...launch, isReady: true } } });
}

export function applyExit(draft: Draft, { at: when, exit }: Omit<FactOf<"exited">, "kind" | "launch">): void {
  const { phase } = draft.record;
  const { last: launch, stopping } = draft.record.launch;
  if (launch === null || launch.exit !== null) return;
  const wasAsked = stopping?.launch === launch.number || isOver(draft.record);
  const wasInterrupted = endsByInterrupt(draft.record, when);
  patch(draft, {
    launch: {
      last: {
        ...launch,
        startedAt: launch.startedAt ?? when,
        exit: { ...exit, wasAsked, ...(wasInterrupted ? { wasInterrupted } : {}) },
      },
      hasStarted: true,
    },
    // It ran with the brief; its beginning is told too late for that.
    ...(launch.mode === "handoff" ? { handover: { takesOver: null } } : {}),
  });
  forgetLeftRunning(draft);
  if (launch.messageId !== null) settleMessage(draft, launch.messageId, { state: "accepted", when });
  if (phase === "running" || phase === "starting") patch(draft, { phase: "down" });
  const isTurnEnd = draft.ctx.policy.agent.lifetime === "per-turn" && !isErrorExit(draft.record);
  // A question that a per-turn agent asked stays open when its program has ended; nothing else survives it.
  dropClaims(draft, (each) => !(isTurnEnd && each.source === "report" && isAsking(each.state)));
  const evidence = isTurnEnd ? "its turn ended with status 0" : describeExit(exit);
  claim(draft, { state: isTurnEnd ? "ready" : "exited", since: when, source: "process", evidence });
  endTurn(draft, when);
}

/** The user's interrupt of this launch came shortly before. */
function endsByInterrupt({ humanDid, launch: { last: launch } }: SessionRecord, when: Iso): boolean {
  const interrupted = humanDid?.interrupted;
  if (interrupted === undefined || at(interrupted) < latest(launch?.startedAt)) return false;
  const passed = at(when) - at(interrupted);
  return passed >= 0 && passed < INTERRUPT_MS;
}

/** The place where it ran is gone, and the agent with it. Nothing is lost if nothing ran. */
export function applyLost(draft: Draft, fact: FactOf<"runtime-lost">): void {
  const { ending } = draft.record;
  const { last: launch, stopping } = draft.record.launch;
  if (launch === null || launch.startedAt === null) return;
  if (launch.exit !== null && !tookItAlong(launch.exit, fact.at)) return;
  const wasOver = isOver(draft.record) && !(ending?.status === "errored" && ending.by === "world");
  applyExit(draft, { at: fact.at, exit: { code: null, signal: null, at: fact.at, lastOutput: null } });
  if (wasOver || stopping) return;
  patch(draft, { phase: "ended", ending: { status: "killed", by: "world", reason: fact.reason, at: fact.at } });
}

/** Agents die with the place they run in, and their end may be seen first. */
const tookItAlong = (exit: ExitInfo, lostAt: Iso): boolean =>
  !exit.wasAsked && exit.code !== 0 && Math.abs(at(lostAt) - at(exit.at)) < TOGETHER_MS;

export function applyTyping(draft: Draft, { at: when }: FactOf<"human-input">): void {
  const last = draft.record.humanInputAt;
  if (last === null || Date.parse(when) - Date.parse(last) >= TYPING_GRAIN_MS) patch(draft, { humanInputAt: when });
  // What the agent asked with a report is answered by typing: no hook will ever take that report back.
  dropClaims(draft, (each) => each.source === "report" && isAsking(each.state));
}
