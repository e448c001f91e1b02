import { toIso } from "@agent-orchestrator/core/host/clock";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { mayRunUnasked } from "@agent-orchestrator/plugin-kit/commands/judge";
import type { Dropped, Sent } from "../sent.ts";
import type { Teller } from "../teller.ts";
import { askedBy } from "./asked.ts";
import { EXPLAINED_MS, isOurs, type Memory, take } from "./follow.ts";
import type { Requests } from "./requests.ts";
import type { Rpc } from "./rpc.ts";
import type { Threads } from "./threads.ts";
import { type Frame, noteOf } from "./wire.ts";

/** After this time the user sees a request that we answered ourselves and that is still open. */
const HANDLED_MS = 3_000;

export interface InboxOptions {
  memory: Memory;
  requests: Requests;
  sent: Sent;
  teller: Teller;
  threads: Threads;
  dropped: Dropped;
  clock: Clock;
  /** Beginnings of commands that are allowed. */
  allow: readonly string[];
  /** Looks again after this time, and does this first. */
  later(ms: number, first?: () => void): void;
  /** A tool call that runs longer than this is reported. */
  longToolMs: number;
}

/** Processes what the app server sends, one frame after another. */
export function createInbox(options: InboxOptions): (frame: Frame, rpc: Rpc) => void {
  const { memory, requests, sent, teller, threads, clock } = options;

  function pass(fact: AgentFact): void {
    if (fact.kind === "usage") teller.usage(fact.usage);
    else if (fact.kind === "info") teller.info(fact.info);
    else if (fact.kind === "accepted") passReceipt(fact, { sent, teller });
    else teller.tell(fact);
  }

  function onRequest(frame: Frame, rpc: Rpc): void {
    if (frame.id === undefined || frame.method === undefined) return;
    const asked = askedBy({ id: frame.id, method: frame.method, params: frame.params }, memory.items);
    if (asked === null || (asked.threadId !== "" && !isOurs(memory, asked.threadId))) return;
    const isHandled = asked.command !== null && mayRunUnasked(asked.command, { allow: options.allow });
    requests.add(asked, toIso(frame.emittedAtMs ?? clock.now()), isHandled);
    if (!isHandled) return;
    rpc.reply(asked.id, { decision: "accept" });
    options.later(HANDLED_MS, () => requests.giveBack(asked.id));
  }

  function onNote(frame: Frame, rpc: Rpc): void {
    const note = noteOf(frame, clock.now());
    if (note === null) {
      if (frame.method?.startsWith("item/") === true) teller.progress("it works");
      return;
    }
    if (note.method === "serverRequest/resolved") requests.close(note.params.requestId);
    if (note.method === "turn/completed") requests.closeThread(note.params.threadId);
    threads.onNote(note, rpc);
    for (const fact of take(memory, note)) pass(fact);
    if (note.method === "turn/completed" && note.params.threadId === memory.main?.id) options.dropped.turnEnded();
    if (note.method === "thread/status/changed") options.later(EXPLAINED_MS);
    if (note.method !== "item/started") return;
    teller.progress(note.params.item.type);
    if (memory.tools.has(note.params.item.id)) options.later(options.longToolMs);
  }

  return (frame, rpc) => {
    if (frame.id !== undefined && frame.method !== undefined) onRequest(frame, rpc);
    else onNote(frame, rpc);
    teller.soon();
  };
}

/** Identified by our id if it has one. The terminal program also numbers what a user types, which only its text identifies. */
function passReceipt(
  { messageId, text, at }: Extract<AgentFact, { kind: "accepted" }>,
  { sent, teller }: { sent: Sent; teller: Teller },
): void {
  if (messageId !== undefined && sent.has(messageId)) {
    if (sent.accept(messageId)) teller.tell({ kind: "accepted", messageId, at });
  } else if (text !== undefined) teller.tell({ kind: "accepted", text, at });
}
