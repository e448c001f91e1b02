import { until } from "@agent-orchestrator/agent-kit/until";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import type { LaunchRecord } from "./launch/record.ts";
import { createScreenWatch } from "./screen/watch.ts";
import { createDropped, openSent, type Sent } from "./sent.ts";
import { keepConnected } from "./server/connection.ts";
import { EXPLAINED_MS, loseSight, type Memory, newMemory, signalOf } from "./server/follow.ts";
import { createInbox } from "./server/inbox.ts";
import { createRequests, openReplies, type Requests } from "./server/requests.ts";
import type { Rpc } from "./server/rpc.ts";
import { createThreads } from "./server/threads.ts";
import { createTeller, type Teller } from "./teller.ts";
import { catchUp } from "./transcript/catch-up.ts";
import { atBeginning, weigh } from "./weigh.ts";

const LONG_TOOL_MS = 3_000;
/** A conversation that was started with a prompt has its first turn by then. */
const BEGINNING_MS = 10_000;

export interface LinkOptions {
  session: Session;
  record: LaunchRecord;
  terminal: AgentTerminal | null;
  clock: Clock;
  log: Log;
  onFact(fact: AgentFact): void;
}

/** The live connection to one session's app server, and everything known through it. */
export interface Link extends AgentObservation {
  readonly record: LaunchRecord;
  readonly memory: Memory;
  readonly requests: Requests;
  readonly sent: Sent;
  readonly teller: Teller;
  /** Null if not connected, or the conversation is not known yet. */
  readonly rpc: Rpc | null;
}

export function openLink({ session, record, clock, terminal, log, onFact }: LinkOptions): Link {
  const stopping = new AbortController();
  const { signal } = stopping;
  const memory = newMemory();
  const requests = createRequests(openReplies(session.sessionDir));
  const sent = openSent(session.sessionDir);
  let rpc: Rpc | null = null;
  const usable = (): Rpc | null => (rpc?.isOpen === true && memory.main !== null ? rpc : null);
  const screens = createScreenWatch({ terminal, clock, signal, onChange: onNews });
  const weighed = () =>
    weighNow({ memory, requests, record, clock }, { isConnected: usable() !== null, screen: screens.reading });
  const teller = createTeller(clock, weighed, onFact);

  const later = laterWith(clock, signal, () => teller.soon());
  const dropped = createDropped({ memory, sent, teller, clock, later });

  function onNews(): void {
    later(record.beginsTurn && !memory.hasBegun ? BEGINNING_MS : EXPLAINED_MS);
    teller.soon();
  }

  function onMain(): void {
    onNews();
    catchUp({ session, memory, sent, teller, clock, log });
    dropped.endingLearned();
  }

  const threads = createThreads({ memory, record, clock, signal, onMain, onChange: onNews });
  const onFrame = createInbox({
    ...{ memory, requests, sent, teller, threads, dropped, clock, later },
    allow: record.allow,
    longToolMs: LONG_TOOL_MS,
  });
  const running = keepConnected({
    ...{ name: session.id, socket: record.socket, clock, log, signal, onFrame },
    async onUp(opened) {
      rpc = opened;
      await threads.survey(opened);
    },
    onDown() {
      rpc = null;
      for (const forget of [threads.forget, requests.clear, () => loseSight(memory)]) forget();
      screens.look();
      teller.soon();
    },
  });

  return {
    ...{ record, memory, requests, sent, teller },
    get rpc() {
      return usable();
    },
    hint(fact) {
      if (fact.kind !== "human-input" && usable() === null) screens.look();
    },
    async stop() {
      stopping.abort();
      teller.stop();
      await running;
    },
  };
}

/** Does something after a while, and looks then. */
function laterWith(clock: Clock, signal: AbortSignal, look: () => void): (ms: number, first?: () => void) => void {
  return (ms, first) => {
    const then = () => {
      first?.();
      look();
    };
    clock.sleep(ms, signal).then(then, () => undefined); // Stopped, so nobody listens any more.
  };
}

function weighNow(
  { memory, requests, record, clock }: { memory: Memory; requests: Requests; record: LaunchRecord; clock: Clock },
  { isConnected, screen }: { isConnected: boolean; screen: Parameters<typeof weigh>[0]["screen"] },
): Activity | null {
  const now = clock.now();
  const isUntouched = record.beginsTurn && !memory.hasBegun;
  const isBeginning = isUntouched && now - record.startedAtMs < BEGINNING_MS;
  const current = requests.current();
  const signal = isBeginning ? null : signalOf(memory, { nowMs: now, longToolMs: LONG_TOOL_MS });
  const asked = current === null ? null : { dialog: current.question.dialog, at: current.at };
  return weigh({
    // A request that waits for our own answer does not wait for the user.
    server: signal === null ? null : { ...signal, asked, ...(requests.isHandling() ? { flags: [] } : {}) },
    screen: isConnected ? null : isUntouched ? atBeginning(screen, { nowMs: now, patienceMs: BEGINNING_MS }) : screen,
    isConnected,
  });
}

const LOOK_MS = 50;

/** Waits a moment for the connection and the conversation. Null if they don't appear. */
export function readyRpc(
  link: Link,
  { clock, ms, signal }: { clock: Clock; ms: number; signal?: AbortSignal | undefined },
): Promise<Rpc | null> {
  return until(() => link.rpc, { clock, ms, everyMs: LOOK_MS, signal });
}

/** A request is open, seen or only reported, or the terminal itself asks something. */
export function isAsking({ memory, requests, teller }: Link): boolean {
  const flags = memory.main === null ? [] : (memory.statuses.get(memory.main.id)?.status.activeFlags ?? []);
  const isFlagged = flags.length > 0 && !requests.isHandling();
  return requests.current() !== null || isFlagged || teller.activity?.state === "waiting_input";
}

export const notConnected = (): AoError =>
  new AoError("UNREACHABLE", "Codex's app server is not responding", {
    hint: "Run `ao attach` to see its terminal.",
  });
