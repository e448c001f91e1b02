import type { Interrupt } from "../model/action.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { LeftProcess } from "../model/left-running.ts";
import type { Runtime } from "../slots/runtime.ts";
import { agentTerminal } from "./agent-terminal.ts";
import type { ActCall } from "./call.ts";
import { leftFact, type ProcessLook, processesSince, stillRunning, toLeft } from "./left-running.ts";
import { toPluginSession } from "./plugin-session.ts";

/** An agent that ends its tools itself has done so by then. */
const TOOLS_END_MS = 2_000;
const STEP_MS = 100;

/** Interrupts the running turn, and reports which processes of its tool call run on. */
export async function interrupt(call: ActCall, action: Omit<Interrupt, "kind" | "key"> = {}): Promise<ToldFact[]> {
  const { isGentle = false, kills = false, began, left: known = [] } = action;
  const { record, signal } = call;
  const { last: launch } = record.launch;
  const handle = launch?.handle;
  if (launch === null || handle === null || handle === undefined) {
    throw new AoError("UNAVAILABLE", `${record.id} is not running`);
  }
  const runtime = await call.plugins.runtime();
  const look = { runtime, handle, signal };
  const cut = began ? await unlessSilent(call, async () => toLeft(await processesSince(look, began))) : [];
  if (began !== null) await interruptTurn(call, runtime, isGentle);
  const { number } = launch;
  if (runtime.listProcesses === undefined) return [];
  const left = cut && (await unlessSilent(call, () => afterInterrupt(call, look, [...known, ...cut])));
  if (!kills || left?.length === 0) return left === null ? [] : [leftFact(number, left)];
  if (left === null)
    throw new AoError("UNREACHABLE", "it was interrupted, and the processes of its tool are not known");
  if (runtime.endProcesses === undefined) throw new AoError("REFUSED", "this runtime cannot end single processes");
  await runtime.endProcesses(handle, left, { signal });
  return [leftFact(number, [])];
}

/** An interrupt does not fail because nobody can say what it left. Null: nobody can. */
async function unlessSilent<T>({ log, record, signal }: ActCall, look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    log.debug(`the processes of ${record.id}: ${toAoError(error).message}`);
    return null;
  }
}

/** Uses the agent's own interrupt if that is more than a key, or else its keys, or Ctrl-C. */
async function interruptTurn(call: ActCall, runtime: Runtime, isGentle: boolean): Promise<void> {
  const { record, paths, signal } = call;
  const handle = record.launch.last?.handle;
  if (!handle) return;
  const agent = await call.plugins.agent();
  if (agent.interrupt !== undefined) {
    await agent.interrupt(toPluginSession(record, paths), { terminal: agentTerminal(runtime, handle), signal });
    return;
  }
  // Ctrl-C ends a program that does not handle it.
  if (isGentle && agent.interruptKeys === undefined) return;
  if (runtime.sendKeys === undefined) throw new AoError("REFUSED", "this runtime cannot press keys");
  await runtime.sendKeys(handle, agent.interruptKeys ?? ["C-c"]);
}

/** What of these runs on, once the agent had time to end it. */
async function afterInterrupt({ clock, signal }: ActCall, look: ProcessLook, known: LeftProcess[]) {
  const byName = new Map(known.map((process) => [`${process.pid} ${process.startId}`, process]));
  let left = [...byName.values()];
  for (const until = clock.monotonic() + TOOLS_END_MS; ; ) {
    left = await stillRunning(look, left);
    if (left.length === 0 || clock.monotonic() >= until) return left;
    await clock.sleep(STEP_MS, signal);
  }
}
