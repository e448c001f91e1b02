import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { openCodeId } from "./ids.ts";
import { messageNotes } from "./messages-file.ts";
import { conversationOf, type Reached } from "./reach.ts";
import { Message } from "./wire.ts";

/** On a busy machine it takes seconds to answer. The message was accepted by then, or will be at the next attempt. */
const POST_MS = 30_000;
const RECEIPT_MS = 3_000;
const RECEIPT_PAUSE_MS = 100;
/** As many of the newest messages as a moment can bring. */
const LAST = 20;

export interface HandOver {
  session: Session;
  message: { id: string; text: string };
  clock: Clock;
  signal?: AbortSignal | undefined;
  /** Called before the first byte is sent. False means not now. */
  mayGo(): Promise<boolean>;
  /** No receipt is due: it is enough that OpenCode has it. */
  isPrompt?: boolean;
  /** From here on it may have been accepted. */
  onPost(): void;
}

/**
 * Puts a message into OpenCode's own queue, under an id that is the same at each attempt, so that OpenCode has one message even if it is
 * sent twice. `held`: it must not be sent now. `written`: OpenCode has it, or will, and no model works on it yet.
 */
export async function handOver(reached: Reached, call: HandOver): Promise<"accepted" | "written" | "held"> {
  const { session, message, clock, signal } = call;
  const conversation = await conversationOf(session, reached, signal);
  const id = messageNotes(session.sessionDir).idFor(message.id, () => openCodeId("msg", message.id, clock.now()));
  const sought = { conversation, id, signal };
  if (!(await isStored(reached, sought))) {
    if (!(await call.mayGo())) return "held";
    call.onPost();
    await handAgain(reached, { ...sought, text: cleanMessage(message.text) });
  }
  for (let waited = 0; waited < RECEIPT_MS; waited += RECEIPT_PAUSE_MS) {
    if (await (call.isPrompt === true ? isStored : isTaken)(reached, sought)) return "accepted";
    await clock.sleep(RECEIPT_PAUSE_MS, signal);
  }
  return "written";
}

export async function handAgain(reached: Reached, message: Sought & { text: string }): Promise<void> {
  const { conversation, id, text, signal } = message;
  // The same for the part's id, so that sending the message again replaces its text with the same text.
  const part = { id: id.replace(/^msg/, "prt"), type: "text", text };
  const body = { messageID: id, ...modelOf(reached), parts: [part] };
  if (await reached.server.post(`/session/${conversation}/prompt_async`, { signal, body, timeoutMs: POST_MS })) return;
  throw new AoError("FAILED", `OpenCode does not know the conversation ${conversation} any more`);
}

interface Sought {
  conversation: string;
  id: string;
  signal: AbortSignal | undefined;
}

async function isStored({ server }: Reached, { conversation, id, signal }: Sought): Promise<boolean> {
  const found = await server.get(`/session/${conversation}/message/${id}`, Message, { signal });
  return found?.parts.some((part) => part.type === "text") ?? false;
}

/** Its model works on the message, or on an earlier one, and OpenCode has this one in its queue. */
async function isTaken(reached: Reached, sought: Sought): Promise<boolean> {
  if (!(await isStored(reached, sought))) return false;
  const { conversation, id, signal } = sought;
  const path = `/session/${conversation}/message?limit=${LAST}`;
  const answers = ((await reached.server.get(path, z.array(Message), { signal })) ?? [])
    .map(({ info }) => info)
    .filter(({ role }) => role === "assistant");
  const last = answers.at(-1);
  return answers.some(({ parentID }) => parentID === id) || (last !== undefined && last.time.completed === undefined);
}

function modelOf({ record }: Reached): { model?: { providerID: string; modelID: string } } {
  const slash = record.model?.indexOf("/") ?? -1;
  if (record.model === null || slash < 1) return {};
  return { model: { providerID: record.model.slice(0, slash), modelID: record.model.slice(slash + 1) } };
}
