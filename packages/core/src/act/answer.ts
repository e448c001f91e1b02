import { failpoint } from "../host/failpoint.ts";
import type { Action } from "../model/action.ts";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { refuseAtLimit } from "../model/limit-cut.ts";
import { openDialog } from "../model/question.ts";
import { agentTerminal } from "./agent-terminal.ts";
import type { ActCall } from "./call.ts";
import { toPluginSession } from "./plugin-session.ts";

/**
 * Sends the user's answer to the agent, for exactly the dialog that they answered. An id belongs to one dialog permanently, so a
 * second run of this action finds another dialog or none, and refuses.
 */
export async function answer(call: ActCall, wanted: Extract<Action, { kind: "answer" }>): Promise<ToldFact[]> {
  const { record, paths } = call;
  const dialog = openDialog(record);
  if (dialog?.id !== wanted.dialogId) {
    throw new AoError("REFUSED", "the question is no longer open, so nothing was answered", {
      hint: `\`ao show ${record.id}\` has what is asked now.`,
    });
  }
  refuseAtLimit(record);
  const handle = record.launch.last?.handle;
  if (!handle || record.launch.last?.exit) throw new AoError("UNAVAILABLE", "the agent is not running");
  const agent = await call.plugins.agent();
  if (agent.answer === undefined) {
    throw new AoError("REFUSED", `the agent ${record.agent} can only be answered in its terminal`, {
      hint: `\`ao attach ${record.id}\` and answer there.`,
    });
  }
  const terminal = agentTerminal(await call.plugins.runtime(), handle);
  const { choice, number, isAlways, wishId } = wanted;
  failpoint("answer.before");
  const options = { terminal, dialog, number, isAlways, signal: call.signal };
  await agent.answer(toPluginSession(record, paths), choice, options);
  failpoint("answer.after");
  return [{ kind: "answered", wishId, dialogId: dialog.id, choice }];
}
