import { join } from "node:path";
import { failpoint } from "../host/failpoint.ts";
import { atomicReplace } from "../host/files.ts";
import { AoError, isAoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { isAskedByReport } from "../model/question.ts";
import type { DeliveryResult } from "../slots/agent.ts";
import type { AgentTerminal } from "../slots/agent-terminal.ts";
import { agentTerminal } from "./agent-terminal.ts";
import type { ActCall } from "./call.ts";
import { toPluginSession } from "./plugin-session.ts";

const INLINE_MAX = 2_000;

/** Sends one message to the agent, once. Both input channels refuse to repeat an id. */
export async function deliver(call: ActCall, wanted: Wanted): Promise<ToldFact[]> {
  const { record, paths } = call;
  const { messageId } = wanted;
  const message = record.messages.list.find(({ id }) => id === messageId);
  if (message === undefined) throw new Error(`no message ${messageId} in ${record.id}`);
  // It may have waited behind another action. An agent that has a question by now would take it for the answer.
  const asks = record.activity?.state === "waiting_input" || record.activity?.state === "blocked";
  if (asks && !(message.isAnswer === true && isAskedByReport(record))) {
    return [deferredFact(wanted)];
  }
  const handle = record.launch.last?.handle;
  if (handle === null || handle === undefined) throw new AoError("UNAVAILABLE", "the agent is not running");
  const agent = await call.plugins.agent();
  if (agent.deliver !== undefined) {
    const file = message.text.length > INLINE_MAX ? join(paths.sessionDir, `message-${messageId}.md`) : null;
    if (file !== null) atomicReplace(file, message.text);
    const outgoing = { id: messageId, text: message.text, ...(file === null ? {} : { file }) };
    const terminal = watched(agentTerminal(await call.plugins.runtime(), handle));
    const old = wanted.isDraftOld === true ? { isDraftOld: true } : {};
    failpoint("deliver.before");
    try {
      const result = await agent.deliver(toPluginSession(record, paths), outgoing, {
        signal: call.signal,
        terminal,
        ...old,
      });
      failpoint("deliver.after");
      return [deliveryFact(wanted, result)];
    } catch (error) {
      call.signal.throwIfAborted();
      // Part of it may have arrived. Reporting a failure would cause a second send.
      if (terminal.hasBegun() && !isSurelyUnwritten(error)) {
        return [{ kind: "message-unconfirmed", id: messageId, doubt: toAoError(error).message }];
      }
      throw error;
    }
  }
  const runtime = await call.plugins.runtime();
  failpoint("deliver.before");
  await runtime.sendMessage(handle, message.text, { id: messageId, signal: call.signal });
  failpoint("deliver.after");
  return [{ kind: "message-written", id: messageId }];
}

/** The terminal, and whether anything was written through it. */
function watched(terminal: AgentTerminal): AgentTerminal & { hasBegun(): boolean } {
  let hasBegun = false;
  return {
    ...terminal,
    write(message, options) {
      hasBegun = true;
      return terminal.write(message, options);
    },
    hasBegun: () => hasBegun,
  };
}

/** A guard refused it, or the program had already ended. */
const isSurelyUnwritten = (error: unknown): boolean =>
  isAoError(error) && (error.code === "REFUSED" || error.code === "UNAVAILABLE");

interface Wanted {
  messageId: string;
  isAgain?: boolean;
  isDraftOld?: boolean;
}

const deferredFact = ({ messageId, isAgain }: Wanted) => ({
  kind: "message-deferred" as const,
  id: messageId,
  ...(isAgain === true ? { isInDoubt: true } : {}),
});

function deliveryFact(wanted: Wanted, result: DeliveryResult): ToldFact {
  const id = wanted.messageId;
  switch (result.outcome) {
    case "accepted":
      return { kind: "message-accepted", id };
    case "written":
      return { kind: "message-written", id };
    case "unconfirmed":
      return { kind: "message-unconfirmed", id, doubt: result.reason ?? "the agent did not confirm the message" };
    case "deferred":
      return { ...deferredFact(wanted), because: result.because };
  }
}
