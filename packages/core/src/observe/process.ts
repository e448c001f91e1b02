import type { ToldFact } from "../model/fact.ts";
import type { Launch } from "../model/session.ts";
import { type Iso, toIso } from "../model/time.ts";
import type { Clock, RuntimeHandle } from "../slots/common.ts";
import type { ProcessInfo, Runtime } from "../slots/runtime.ts";
import { ask } from "./ask.ts";

const LAST_LINES = 30;

interface ProcessCall {
  runtime: Runtime;
  launch: Launch;
  clock: Clock;
  signal: AbortSignal;
}

/** Checks whether the program of this launch is still running. Usually it is, and there is nothing to report. */
export async function observeProcess(call: ProcessCall): Promise<ToldFact[]> {
  const { launch, runtime, clock, signal } = call;
  const handle = launch.handle;
  if (handle === null) return [];
  const seen = await ask((deadline) => processOf(runtime, handle, deadline), {
    whom: `the runtime ${handle.runtimeName}`,
    timeoutMs: 5_000,
    clock,
    signal,
  });
  if (!seen.ok) return [{ kind: "unanswered", question: "process", failure: seen.failure }];
  if (seen.value.alive) return [];
  const lastOutput = await lastWords(runtime, handle, { clock, signal });
  const at = seen.value.exit?.at ?? toIso(clock.now());
  return [exitFact(launch.number, { exit: seen.value.exit, lastOutput, at })];
}

async function processOf(runtime: Runtime, handle: RuntimeHandle, signal: AbortSignal): Promise<ProcessInfo> {
  if (runtime.getProcess !== undefined) return runtime.getProcess(handle, { signal });
  return { alive: await runtime.isAlive(handle, { signal }), pid: null, startId: null, exit: null };
}

/** The end of its output, if it was kept. */
export async function lastWords(
  runtime: Runtime,
  handle: RuntimeHandle,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string | null> {
  const seen = await ask((deadline) => runtime.getOutput(handle, LAST_LINES, { signal: deadline }), {
    whom: "the runtime",
    timeoutMs: 2_000,
    clock,
    signal,
  });
  return seen.ok && seen.value.trim() !== "" ? seen.value.trimEnd() : null;
}

export function exitFact(
  launch: number,
  seen: { exit: ProcessInfo["exit"]; lastOutput: string | null; at: Iso },
): ToldFact {
  const { exit, lastOutput, at } = seen;
  return {
    kind: "exited",
    launch,
    exit: { code: exit?.code ?? null, signal: exit?.signal ?? null, at, lastOutput },
  };
}
