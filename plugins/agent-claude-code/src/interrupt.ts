import { type AtTerminal, pressAt } from "@agent-orchestrator/agent-kit/terminal";
import { until } from "@agent-orchestrator/agent-kit/until";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionWatch } from "./watch.ts";

const TRIES = 3;
const RESTS_MS = 1_500;
const LOOK_MS = 100;
/** A launch with a prompt is working by then, on a busy machine too. */
const BEGIN_MS = 40_000;
/** From the moment a prompt is taken until the status file says so. */
const TURN_MS = 2_000;

interface Interrupting extends AtTerminal {
  watch: SessionWatch;
}

const isAtWork = (watch: SessionWatch, unknown: string): boolean =>
  ["busy", "waiting"].includes(watch.statusNow()?.status ?? unknown);

/** Presses Escape until the turn is over. An idle program gets none, because there it means something else. */
export async function interrupt(of: Interrupting): Promise<void> {
  const { watch, clock, signal } = of;
  await begun(of);
  if (watch.statusNow() === null && watch.signals.screen?.shows === "dialog") {
    throw new AoError("REFUSED", "it asks something before it begins, and an interrupt would end it", {
      hint: "`ao attach` shows what it asks.",
    });
  }
  if (!isAtWork(watch, "busy")) return;
  const knows = watch.statusNow() !== null;
  for (let tries = 0; tries < TRIES; tries++) {
    watch.interrupting();
    await pressAt(of, ["Escape"]);
    if (!knows) return;
    if (await until(() => !isAtWork(watch, "busy"), { clock, ms: RESTS_MS, everyMs: LOOK_MS, signal }))
      return watch.poke();
  }
  throw new AoError("UNREACHABLE", "the agent goes on although it was interrupted", {
    hint: "Look with `ao attach`.",
  });
}

/** Before a launch's own prompt is taken, an Escape goes to nobody, and the turn runs all the same. */
async function begun({ watch, clock, signal }: Interrupting): Promise<void> {
  const isBeginning = () => {
    const { start, hooks, transcript, screen } = watch.signals;
    const takenMs = hooks.promptMs ?? (Date.parse(transcript.promptAt ?? "") || null);
    const isOver = hooks.stopMs !== null || (takenMs !== null && clock.now() - takenMs > TURN_MS);
    return start !== null && !isOver && screen?.shows !== "dialog";
  };
  const hasBegun = () => !isBeginning() || isAtWork(watch, "unknown");
  await until(hasBegun, { clock, ms: BEGIN_MS, everyMs: LOOK_MS, signal });
}
