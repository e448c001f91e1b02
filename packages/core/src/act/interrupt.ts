import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { agentTerminal } from "./agent-terminal.ts";
import type { ActCall } from "./call.ts";
import { toPluginSession } from "./plugin-session.ts";

/** Uses the agent's own interrupt if that is more than a key, or else its keys, or Ctrl-C. */
export async function interrupt(call: ActCall, isGentle = false): Promise<ToldFact[]> {
  const { record, paths, signal } = call;
  const handle = record.launch?.handle;
  if (handle === null || handle === undefined) throw new AoError("UNAVAILABLE", `${record.id} is not running`);
  const agent = await call.plugins.agent();
  const runtime = await call.plugins.runtime();
  if (agent.interrupt !== undefined) {
    await agent.interrupt(toPluginSession(record, paths), { terminal: agentTerminal(runtime, handle), signal });
    return [];
  }
  // Ctrl-C ends a program that does not handle it.
  if (isGentle && agent.interruptKeys === undefined) return [];
  if (runtime.sendKeys === undefined) throw new AoError("REFUSED", "this runtime cannot press keys");
  await runtime.sendKeys(handle, agent.interruptKeys ?? ["C-c"]);
  return [];
}
