import { lstatSync } from "node:fs";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { askedBy } from "./asked.ts";
import { catchUp } from "./catch-up.ts";
import { isOurs, loseSight, type Memory, newMemory, signalOf, take } from "./follow.ts";
import type { LaunchRecord } from "./record.ts";
import { createRequests, type Requests } from "./requests.ts";
import { openRpc, type Rpc } from "./rpc.ts";
import { createScreenWatch } from "./screen-watch.ts";
import { openSent, type Sent } from "./sent.ts";
import { createTeller, type Teller } from "./teller.ts";
import { createThreads } from "./threads.ts";
import { weigh } from "./weigh.ts";
import { type Frame, noteOf } from "./wire.ts";
import { isAllowed } from "./words.ts";

/** Between two tries to reach the app server: while it starts, and later. */
const STARTING_MS = 100;
const STARTING_FOR_MS = 20_000;
const AGAIN_MS = 2_000;
/** The server takes the name of whoever connects first for the one who leads the conversation: that is its terminal program. */
const OTHERS_FIRST_MS = 600;
/** A tool call that runs longer is worth a word. */
const LONG_TOOL_MS = 3_000;
/** What we answered by ourselves and is open still, a human must see. */
const HANDLED_MS = 3_000;
/** A conversation that was begun with a prompt has its first turn by then. */
const BEGINNING_MS = 10_000;

export interface LinkOptions {
  session: Session;
  record: LaunchRecord;
  terminal: AgentTerminal | null;
  clock: Clock;
  log: Log;
  onFact(fact: AgentFact): void;
}

/** The live connection to one session's app server, and all that is known through it. */
export interface Link extends AgentObservation {
  readonly memory: Memory;
  readonly requests: Requests;
  readonly sent: Sent;
  readonly teller: Teller;
  /** null: not connected, or the conversation is not known yet. */
  readonly rpc: Rpc | null;
}

export function openLink(options: LinkOptions): Link {
  const { session, record, clock, terminal } = options;
  const stopping = new AbortController();
  const memory = newMemory();
  const requests = createRequests();
  const sent = openSent(session.sessionDir);
  let rpc: Rpc | null = null;
  const isUp = (): boolean => rpc?.isOpen === true && memory.main !== null;
  const screens = createScreenWatch({ terminal, clock, signal: stopping.signal, onChange: () => teller.soon() });
  const teller = createTeller(clock, weighed, options.onFact);
  const threads = createThreads({ memory, record, clock, signal: stopping.signal, onMain });

  function weighed() {
    const current = requests.current();
    const isBeginning = record.beginsTurn && !memory.hasWorked && clock.now() - record.startedAtMs < BEGINNING_MS;
    const signal = isBeginning ? null : signalOf(memory, LONG_TOOL_MS, clock.now());
    const asked = current === null ? null : { dialog: current.question.dialog, at: current.at };
    return weigh({
      server: signal === null ? null : { ...signal, asked },
      screen: isUp() ? null : screens.reading,
      isConnected: isUp(),
    });
  }

  function onMain(): void {
    const { main } = memory;
    if (main === null) return;
    if (record.beginsTurn && !memory.hasWorked) lookLater(BEGINNING_MS);
    void catchUp({ session, memory, sent, teller, clock }).catch((error: unknown) => {
      options.log.debug(`the record of ${session.id} cannot be read: ${String(error)}`);
    });
    teller.soon();
  }

  function onFrame(frame: Frame): void {
    if (frame.id !== undefined && frame.method !== undefined) {
      onRequest(frame);
      return;
    }
    const note = noteOf(frame, clock.now());
    if (note === null) {
      if (frame.method?.startsWith("item/") === true) teller.progress("it works");
      return;
    }
    if (note.method === "serverRequest/resolved") requests.close(note.params.requestId);
    if (note.method === "turn/completed") requests.closeThread(note.params.threadId);
    if (rpc !== null) threads.onNote(note, rpc);
    for (const fact of take(memory, note)) pass(fact);
    if (note.method === "item/started") {
      teller.progress(note.params.item.type);
      if (memory.tools.has(note.params.item.id)) lookLater(LONG_TOOL_MS + 100);
    }
    teller.soon();
  }

  function pass(fact: AgentFact): void {
    if (fact.kind === "usage") teller.usage(fact.usage);
    else if (fact.kind !== "accepted" || fact.messageId === undefined) teller.tell(fact);
    else if (sent.has(fact.messageId)) {
      if (sent.accept(fact.messageId)) teller.tell({ kind: "accepted", messageId: fact.messageId, at: fact.at });
    } else if (fact.text !== undefined) {
      // The terminal program numbers what a human types, too.
      teller.tell({ kind: "accepted", text: fact.text, at: fact.at });
    }
  }

  function onRequest(frame: Frame): void {
    if (frame.id === undefined || frame.method === undefined) return;
    const asked = askedBy({ id: frame.id, method: frame.method, params: frame.params }, memory.items);
    if (asked === null || (asked.threadId !== "" && !isOurs(memory, asked.threadId))) return;
    const isHandled = asked.command !== null && isAllowed(asked.command, record.allow);
    requests.add(asked, toIso(frame.emittedAtMs ?? clock.now()), isHandled);
    if (isHandled) {
      rpc?.reply(asked.id, { decision: "accept" });
      lookLater(HANDLED_MS, () => requests.giveBack(asked.id));
    }
    teller.soon();
  }

  function lookLater(ms: number, first: () => void = () => undefined): void {
    clock.sleep(ms, stopping.signal).then(
      () => {
        first();
        teller.soon();
      },
      () => undefined, // Nobody listens any more.
    );
  }

  async function connect(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      void openRpc({ socket: record.socket, clock, onFrame, onClose: resolve }).then(
        async (opened) => {
          rpc = opened;
          await threads.survey(opened).catch((error: unknown) => {
            options.log.debug(`survey of ${session.id}: ${String(error)}`);
            opened.close();
          });
        },
        () => resolve(),
      );
    });
    const abort = () => rpc?.close();
    stopping.signal.addEventListener("abort", abort, { once: true });
    await closed;
    stopping.signal.removeEventListener("abort", abort);
    rpc = null;
    threads.forget();
    loseSight(memory);
    requests.clear();
    screens.look();
    teller.soon();
  }

  async function run(): Promise<void> {
    const began = clock.monotonic();
    while (!stopping.signal.aborted) {
      const age = socketAge(record.socket, clock.now());
      if (age !== null && age < OTHERS_FIRST_MS) await clock.sleep(OTHERS_FIRST_MS - age, stopping.signal);
      if (age !== null) await connect();
      const isStarting = clock.monotonic() - began < STARTING_FOR_MS;
      await clock.sleep(isStarting ? STARTING_MS : AGAIN_MS, stopping.signal);
    }
  }

  const running = run().catch((error: unknown) => {
    if (!stopping.signal.aborted)
      options.log.warn(`the link to ${session.id} ended: ${isAoError(error) ? error.message : String(error)}`);
  });

  return {
    memory,
    requests,
    sent,
    teller,
    get rpc() {
      return isUp() ? rpc : null;
    },
    hint(fact) {
      if (fact.kind !== "human-input" && !isUp()) screens.look();
    },
    async stop() {
      stopping.abort();
      teller.stop();
      await running;
    },
  };
}

/** How long the server's socket has been there; null: it is not. */
function socketAge(socket: string, now: number): number | null {
  const stats = lstatSync(socket, { throwIfNoEntry: false });
  // A clock that was set back must not make us wait for hours.
  return stats === undefined ? null : Math.max(0, now - stats.mtimeMs);
}
