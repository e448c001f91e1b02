import { cleanMessage } from "@agent-orchestrator/core/host/text";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { openCodeId } from "./ids.ts";
import { messageNotes } from "./messages-file.ts";
import { conversationOf, type Reached, reach } from "./reach.ts";
import { readScreen } from "./screen.ts";
import { Message, PermissionRequest, QuestionRequest, Status } from "./wire.ts";

export interface DeliverCall extends WithTerminal {
  session: Session;
  message: OutgoingMessage;
  clock: Clock;
}

/** A program that starts on a busy machine. */
const REACH_MS = 90_000;
const PAUSE_MS = 300;
/** On a busy machine it takes seconds to answer; it was taken then, or is when it is asked again. */
const POST_MS = 30_000;
const RECEIPT_MS = 3_000;
const RECEIPT_PAUSE_MS = 100;

/**
 * Hands the message to OpenCode's own queue, under an id that is the same at each try: handed over twice, it is one message there.
 * Nothing is typed, so nobody's draft is touched and no dialog can take it.
 */
export async function deliver(call: DeliverCall): Promise<DeliveryResult> {
  const { session, clock, signal } = call;
  const until = clock.monotonic() + REACH_MS;
  const progress = { isPosted: false };
  for (;;) {
    try {
      return await handOver(await reach(session, { clock, signal }), call, progress);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isAoError(error) || error.code !== "UNREACHABLE") throw error;
      if (clock.monotonic() > until) break;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
  // It may have been taken: then its receipt comes with the event stream, or it is unconfirmed.
  return progress.isPosted ? { outcome: "written" } : typed(call);
}

async function handOver(
  reached: Reached,
  { session, message, clock, signal }: DeliverCall,
  progress: { isPosted: boolean },
): Promise<DeliveryResult> {
  const conversation = await conversationOf(session, reached, signal);
  const id = messageNotes(session.sessionDir).idFor(message.id, () => openCodeId("msg", message.id, clock.now()));
  if (await isTaken(reached, { conversation, id, signal })) return { outcome: "accepted" };
  if (await isAsking(reached, signal)) return { outcome: "deferred", because: "asking" };
  // The part's id too: a second hand-over of the same message replaces its words by the same words.
  const part = { id: id.replace(/^msg/, "prt"), type: "text", text: cleanMessage(message.text) };
  const body = { messageID: id, ...modelOf(reached), parts: [part] };
  progress.isPosted = true;
  if (!(await reached.server.post(`/session/${conversation}/prompt_async`, { signal, body, timeoutMs: POST_MS }))) {
    throw new AoError("FAILED", `OpenCode does not know the conversation ${conversation} any more`);
  }
  for (let waited = 0; waited < RECEIPT_MS; waited += RECEIPT_PAUSE_MS) {
    if (await isTaken(reached, { conversation, id, signal })) return { outcome: "accepted" };
    await clock.sleep(RECEIPT_PAUSE_MS, signal);
  }
  return { outcome: "written" };
}

interface Sought {
  conversation: string;
  id: string;
  signal: AbortSignal | undefined;
}

async function isTaken({ server }: Reached, { conversation, id, signal }: Sought): Promise<boolean> {
  const found = await server.get(`/session/${conversation}/message/${id}`, Message, { signal });
  return found?.parts.some((part) => part.type === "text") ?? false;
}

/** An open dialog whose conversation still waits for it. */
async function isAsking({ server }: Reached, signal: AbortSignal | undefined): Promise<boolean> {
  const [permissions, questions, statuses] = await Promise.all([
    server.get("/permission", z.array(PermissionRequest), { signal }),
    server.get("/question", z.array(QuestionRequest), { signal }),
    server.get("/session/status", z.record(z.string(), Status), { signal }),
  ]);
  const busy = (id: string): boolean => (statuses?.[id]?.type ?? "idle") !== "idle";
  return [...(permissions ?? []), ...(questions ?? [])].some(({ sessionID }) => busy(sessionID));
}

function modelOf({ record }: Reached): { model?: { providerID: string; modelID: string } } {
  const slash = record.model?.indexOf("/") ?? -1;
  if (record.model === null || slash < 1) return {};
  return { model: { providerID: record.model.slice(0, slash), modelID: record.model.slice(slash + 1) } };
}

/** Without its server: by the keyboard, where the screen shows an empty input box, and without a receipt. */
async function typed({ message, terminal, signal }: DeliverCall): Promise<DeliveryResult> {
  const options = signal === undefined ? {} : { signal };
  const reading = readScreen((await terminal.screen(options))?.rows ?? []);
  if (reading.state === "waiting_input") return { outcome: "deferred", because: "asking" };
  if (reading.state === "unknown") {
    throw new AoError("UNREACHABLE", "OpenCode's server does not answer, and its screen shows no input box", {
      hint: "`ao attach` shows what it does; `ao restore` starts it again.",
    });
  }
  if (reading.draft !== "") return { outcome: "deferred", because: "human" };
  const text = cleanMessage(message.text);
  // A leading sign would be a command of OpenCode's own.
  await terminal.write({ id: message.id, text: /^[/!@]/.test(text) ? ` ${text}` : text, how: "bracketed" }, options);
  return { outcome: "unconfirmed" };
}
