import { createHash } from "node:crypto";
import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
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

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TAIL = 14;

/**
 * An id in OpenCode's format: a kind, twelve hex digits that increase with time (milliseconds × 4096, the lowest 48 bits), and 14
 * characters. Ours are derived from the message's id, so that OpenCode recognises the same message when it is sent again.
 */
function openCodeId(kind: "msg" | "prt", messageId: string, nowMs: number): string {
  const time = ((BigInt(nowMs) * 4096n) & 0xffff_ffff_ffffn).toString(16).padStart(12, "0");
  const hash = createHash("sha256").update(messageId).digest();
  const tail = [...hash.subarray(0, TAIL)].map((byte) => DIGITS[byte % DIGITS.length]).join("");
  return `${kind}_${time}${tail}`;
}

const FILE = "opencode-messages.json";
const KEPT = 300;

const MessagesFile = z.looseObject({
  /** Our id and OpenCode's id of each message that was sent, oldest first. */
  sent: z.array(z.tuple([z.string(), z.string()])),
  /** The newest user message whose receipt was reported. */
  told: z.looseObject({ created: z.number(), id: z.string() }).nullable(),
});
type MessagesFile = z.infer<typeof MessagesFile>;

/** What must outlive the daemon so that no message is sent twice and no receipt is reported twice. */
export interface MessageNotes {
  /** OpenCode's id for our message. It is recorded before the first byte is sent, and is the same at each attempt. */
  idFor(messageId: string, make: () => string): string;
  /** Our id for a message of OpenCode's, or null if the user wrote it. */
  ownerOf(openCodeId: string): string | null;
  isTold(message: { created: number; id: string }): boolean;
  tell(message: { created: number; id: string }): void;
}

/** Read again each time, because sender and watcher share the file, not an object. */
export function messageNotes(sessionDir: string): MessageNotes {
  const file = keptFile(join(sessionDir, FILE), MessagesFile);
  const read = (): MessagesFile => file.read() ?? { sent: [], told: null };
  const change = (next: Partial<MessagesFile>): void => file.write({ ...read(), ...next });
  return {
    idFor(messageId, make) {
      const { sent } = read();
      const known = sent.find(([ours]) => ours === messageId)?.[1];
      if (known !== undefined) return known;
      const made = make();
      change({ sent: [...sent, [messageId, made] as [string, string]].slice(-KEPT) });
      return made;
    },
    ownerOf: (id) => read().sent.find(([, theirs]) => theirs === id)?.[0] ?? null,
    isTold: ({ created, id }) => {
      const { told } = read();
      return told !== null && (created < told.created || (created === told.created && id <= told.id));
    },
    tell: ({ created, id }) => change({ told: { created, id } }),
  };
}
