import { readText } from "@agent-orchestrator/core/host/files";
import { type Joined, joinSignals } from "@agent-orchestrator/core/host/signals";
import { type AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { at, toIso } from "@agent-orchestrator/core/model/time";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { activityOf, idleAt } from "./activity.ts";
import { connectHost, type HostClient } from "./client.ts";
import { factsOf } from "./facts.ts";
import { readJournal } from "./journal.ts";
import { folderOf, journalFile, readSpec, toldFile } from "./layout.ts";
import { entryOf } from "./shapes.ts";
import type { HostPush, HostState } from "./wire.ts";

/** The time between two attempts to reach a host that does not listen (yet). */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;

export interface Observed {
  session: Session;
  clock: Clock;
  log: Log;
  readyThresholdMs(): number;
  onFact(fact: AgentFact): void;
}

/** Reports what a host says, and what it recorded while nobody listened. */
export function observeHost({ session, clock, log, readyThresholdMs, onFact }: Observed): AgentObservation {
  const stop = new AbortController();
  const teller = journalTeller(session.sessionDir, onFact);
  const rest = restWatch(clock, stop.signal);
  let state: HostState | null = null;
  let told = "";
  const toolSince = firstSeen(clock);

  function tell(): void {
    if (state === null) return;
    const activity = activityOf(
      { ...state, toolSince: toolSince(state.tool) },
      { nowMs: clock.now(), readyThresholdMs: readyThresholdMs() },
    );
    const text = JSON.stringify(activity);
    if (text === told) return;
    told = text;
    onFact({ kind: "activity", activity });
  }

  function onPush(event: HostPush): void {
    if (stop.signal.aborted) return;
    if (event.ev === "moved") {
      onFact({ kind: "progress", at: event.at, what: event.what });
      return;
    }
    // First what happened, then the current state: a message is accepted before the turn that it started ends.
    teller.catchUp();
    state = event.state;
    tell();
    rest.arm(idleAt(state, readyThresholdMs()), tell);
  }

  async function follow(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !stop.signal.aborted; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      try {
        teller.catchUp();
        if (await listen(session.sessionDir, onPush, stop.signal)) pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (!stop.signal.aborted) log.warn(`agent acp: ${toAoError(error).message}`, { session: session.id });
      }
      await clock.sleep(pauseMs, stop.signal).catch(() => undefined); // Stopped, so the loop ends.
    }
  }

  const following = follow();
  return {
    hint: () => undefined, // The host reports everything, and sooner.
    async stop() {
      stop.abort();
      await following;
      teller.catchUp();
    },
  };
}

/** When the tool call that runs was first seen. What it starts is not older. */
function firstSeen(clock: Clock): (tool: string | null) => string | null {
  let seen: { tool: string | null; since: string | null } = { tool: null, since: null };
  return (tool) => {
    if (tool !== seen.tool) seen = { tool, since: tool === null ? null : toIso(clock.now()) };
    return seen.since;
  };
}

/** Listens until the host ends. False if it could not be reached at all. */
async function listen(sessionDir: string, onPush: (event: HostPush) => void, signal: AbortSignal): Promise<boolean> {
  const spec = readSpec(sessionDir);
  if (spec === null) return false;
  let client: HostClient | null = null;
  let hasClosed: () => void = () => undefined;
  const closed = new Promise<void>((done) => {
    hasClosed = done;
  });
  const onAbort = (): void => hasClosed();
  signal.addEventListener("abort", onAbort);
  try {
    client = await connectHost(spec.socket, { onPush, onClose: hasClosed });
    await client.call({ op: "watch" }, { signal });
    await closed;
    return true;
  } catch (error) {
    if (isAway(error)) return client !== null;
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    client?.close();
  }
}

const isAway = (error: unknown): error is AoError =>
  isAoError(error) && (error.code === "UNAVAILABLE" || error.code === "UNREACHABLE");

/** Reports each of the journal's facts once. The position is stored in a file next to it. */
function journalTeller(sessionDir: string, onFact: (fact: AgentFact) => void): { catchUp(): void } {
  const dir = folderOf(sessionDir);
  let told = Number(readText(toldFile(dir)) ?? 0) || 0;
  return {
    catchUp() {
      const { entries, end } = readJournal(journalFile(dir), told);
      if (end === told) return;
      for (const line of entries) {
        const entry = entryOf(line);
        if (entry !== null) for (const fact of factsOf(entry)) onFact(fact);
      }
      told = end;
      putFile(toldFile(dir), String(told));
    },
  };
}

/** One timer that rings when the agent has been ready long enough. */
function restWatch(clock: Clock, stop: AbortSignal): { arm(when: string | null, ring: () => void): void } {
  let armed: Joined | null = null;
  return {
    arm(when, ring) {
      armed?.abort();
      armed = null;
      if (when === null || stop.aborted) return;
      const mine = joinSignals(stop);
      armed = mine;
      clock
        .sleep(Math.max(0, at(when) - clock.now()), mine.signal)
        .then(ring, () => undefined) // Armed again, or stopped.
        .finally(mine.release);
    },
  };
}
