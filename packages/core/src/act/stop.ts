import { failpoint } from "../host/failpoint.ts";
import type { ToldFact } from "../model/fact.ts";
import type { Runtime } from "../slots/runtime.ts";
import type { ActCall } from "./call.ts";

/** Ends the program and its descendants. A session without a handle may still have an incomplete launch, which the list shows. */
export async function stop(call: Pick<ActCall, "record" | "plugins" | "signal">, launch: number): Promise<ToldFact[]> {
  failpoint("stop.before");
  const runtime = await call.plugins.runtime();
  const handle = call.record.launch.last?.handle;
  if (handle !== null && handle !== undefined) await runtime.destroy(handle, { signal: call.signal });
  await endAll(call, runtime);
  failpoint("stop.after");
  return [{ kind: "stopped", launch }];
}

/** Ends every program of the session that its runtime lists. */
export async function endAll({ record, signal }: Pick<ActCall, "record" | "signal">, runtime: Runtime): Promise<void> {
  for (const { sessionId, instanceId, handle } of (await runtime.list?.()) ?? []) {
    if (sessionId === record.id && instanceId === record.instanceId) await runtime.destroy(handle, { signal });
  }
}
