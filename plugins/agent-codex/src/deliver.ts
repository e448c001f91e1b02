import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Link } from "./link.ts";
import { isAsking, notConnected, readyRpc } from "./ready.ts";
import { hasDraft } from "./screen.ts";

const READY_MS = 10_000;

interface DeliverOptions {
  terminal: AgentTerminal;
  clock: Clock;
  signal?: AbortSignal | undefined;
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
  // Started by a daemon that has ended. Its receipt comes, or never will.
  if (sent.has(message.id)) return outcome();
  const rpc = await readyRpc(link, { clock, ms: READY_MS, signal });
  if (isAsking(link)) return { outcome: "deferred", because: "asking" };
  const threadId = link.memory.main?.id;
  if (rpc === null || threadId === undefined) throw notConnected();
  // What the server sent before this answer has been processed by then, so the state is current.
  await rpc.request("thread/read", { threadId }, signal);
  const screen = await terminal.screen(signal === undefined ? {} : { signal });
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
  try {
    await rpc.request("turn/start", params, signal);
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
