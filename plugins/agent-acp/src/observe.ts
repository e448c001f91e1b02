import { alarm } from "@agent-orchestrator/agent-kit/alarm";
import { createTeller } from "@agent-orchestrator/agent-kit/teller";
import { readText } from "@agent-orchestrator/core/host/files";
import { type AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { at, toIso } from "@agent-orchestrator/core/model/time";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { connectHost, type HostClient } from "./client.ts";
import { readJournal } from "./journal.ts";
import { folderOf, journalFile, readSpec, toldFile } from "./layout.ts";
import { entryOf } from "./shapes.ts";
import { idleAt, weigh } from "./weigh.ts";
import type { HostPush, HostState, JournalEntry } from "./wire.ts";

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
  const journal = journalTeller(session.sessionDir, onFact);
  const teller = createTeller({ clock, emit: onFact, wordOf: (activity) => activity });
  const resting = alarm(clock, stop.signal, () => tell());
  let state: HostState | null = null;
  const toolSince = firstSeen(clock);

  function tell(): void {
    if (state === null) return;
    const activity = weigh(
      { ...state, toolSince: toolSince(state.tool) },
      { nowMs: clock.now(), readyThresholdMs: readyThresholdMs() },
    );
    teller.activityIs(activity);
  }

  function onPush(event: HostPush): void {
    if (stop.signal.aborted) return;
    if (event.ev === "moved") {
      onFact({ kind: "progress", at: event.at, what: event.what });
      return;
    }
    // First what happened, then the current state: a message is accepted before the turn that it started ends.
    journal.catchUp();
    state = event.state;
    tell();
    const idle = idleAt(state, readyThresholdMs());
    resting.set(idle === null ? null : at(idle) - clock.now());
  }

  async function follow(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !stop.signal.aborted; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      try {
        journal.catchUp();
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
      journal.catchUp();
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

/** The fact that core gets for an entry of the journal. */
function factsOf(entry: JournalEntry): AgentFact[] {
  switch (entry.k) {
    case "accepted": {
      const { id, text, at } = entry;
      if (id !== null) return [{ kind: "accepted", messageId: id, at }];
      return text === null ? [] : [{ kind: "accepted", text, at }];
    }
    case "turn":
      return [{ kind: "turn-ended", at: entry.at }];
    case "session":
      return [{ kind: "info", info: { agentSessionId: entry.id } }];
    case "title":
      return [{ kind: "info", info: { summary: entry.title } }];
    case "usage":
      return [{ kind: "usage", usage: entry.usage }];
    case "repository":
      return [{ kind: "repository-changed", at: entry.at, what: entry.what }];
    default:
      return []; // The host's own memory.
  }
}
