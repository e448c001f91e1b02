import { type AtTerminal, screenAt } from "@agent-orchestrator/agent-kit/terminal";
import { endOfFile } from "@agent-orchestrator/agent-kit/text-end";
import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isAsking, type Link, notConnected, readyRpc } from "./link.ts";
import { hasDraft } from "./screen/screen.ts";
import type { Rpc } from "./server/rpc.ts";
import { recordedIn } from "./transcript/rollout.ts";

const READY_MS = 10_000;
/** What a daemon wrote before it was killed has been read by then. */
const ON_ITS_WAY_MS = 2_000;
const TAIL_BYTES = 1 << 20;

interface DeliverOptions extends AtTerminal {
  isDraftOld?: boolean | undefined;
}

/**
 * Passes a message to the app server as the user's own words, under our id. It never touches the terminal, so an open dialog cannot
 * mistake it for an answer. It waits for a user's draft, which stays unchanged. An idle agent starts a turn, and a working one gets
 * the message after the next tool call. The receipt is the conversation's own item with our id.
 */
export async function deliver(
  link: Link,
  message: OutgoingMessage,
  { terminal, clock, signal, isDraftOld = false }: DeliverOptions,
): Promise<DeliveryResult> {
  const { sent } = link;
  const outcome = (): DeliveryResult => ({ outcome: sent.isAccepted(message.id) ? "accepted" : "written" });
  const rpc = await readyRpc(link, { clock, ms: READY_MS, signal });
  if (sent.has(message.id)) {
    const before =
      rpc === null || sent.isAnswered(message.id)
        ? outcome()
        : await whatBecame(link, message.id, { rpc, clock, signal });
    if (before !== "never arrived") return before;
    sent.undo(message.id);
  }
  if (isAsking(link)) return { outcome: "deferred", because: "asking" };
  const threadId = link.memory.main?.id;
  if (rpc === null || threadId === undefined) throw notConnected();
  // What the server sent before this answer has been processed by then, so the state is current.
  await rpc.request("thread/read", { threadId }, signal);
  const screen = await screenAt({ terminal, signal });
  if (isAsking(link)) return { outcome: "deferred", because: "asking" };
  // An old one was forgotten, and the message leaves it alone.
  if (!isDraftOld && screen !== null && hasDraft(screen)) return { outcome: "deferred", because: "human" };
  const params = {
    threadId,
    clientUserMessageId: message.id,
    input: [{ type: "text", text: cleanMessage(message.text), text_elements: [] }],
  };
  signal?.throwIfAborted();
  sent.begin(message.id);
  failpoint("turn-start.noted");
  try {
    await rpc.request("turn/start", params, signal);
    failpoint("turn-start.answered");
    sent.answered(message.id);
  } catch (error) {
    // It refused, so nothing was delivered. A review or a compaction accepts no messages, and ends by itself.
    if (isAoError(error) && error.code === "REFUSED") {
      sent.undo(message.id);
      if (/steer/i.test(error.message)) return { outcome: "deferred", because: "asking" };
      throw error;
    }
    // Without an answer it may have been delivered. Never send it twice.
    signal?.throwIfAborted();
    return { outcome: "written" };
  }
  return outcome();
}

interface Since {
  rpc: Rpc;
  clock: Clock;
  signal: AbortSignal | undefined;
}

/**
 * What became of a message that a daemon began to send before it was killed. An idle agent would have started a turn with it, and written it
 * down. During a turn it may wait for the next tool call, so that turn's end must be awaited.
 */
async function whatBecame(
  link: Link,
  id: string,
  { rpc, clock, signal }: Since,
): Promise<DeliveryResult | "never arrived"> {
  const { sent, memory } = link;
  const { main } = memory;
  if (main === null) return { outcome: "written" };
  await rpc.request("thread/read", { threadId: main.id }, signal);
  await clock.sleep(ON_ITS_WAY_MS, signal);
  const path = memory.main?.path ?? null;
  if (path !== null && recordedIn(endOfFile(path, TAIL_BYTES) ?? "").clientIds.includes(id)) sent.accept(id);
  if (sent.isAccepted(id)) return { outcome: "accepted" };
  if (memory.turns.has(main.id) || path === null) return { outcome: "deferred", because: "busy" };
  return "never arrived";
}
