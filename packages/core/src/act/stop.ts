import { failpoint } from "../host/failpoint.ts";
import type { ToldFact } from "../model/fact.ts";
import type { ActCall } from "./call.ts";

/** Ends the program and its descendants. A session without a handle may still have an incomplete launch, which the list shows. */
export async function stop(call: Pick<ActCall, "record" | "plugins" | "signal">, launch: number): Promise<ToldFact[]> {
  failpoint("stop.before");
  const runtime = await call.plugins.runtime();
  const handle = call.record.launch?.handle;
  if (handle !== null && handle !== undefined) await runtime.destroy(handle, { signal: call.signal });
  const leftovers = (await runtime.list?.()) ?? [];
  for (const found of leftovers) {
    const isOurs = found.sessionId === call.record.id && found.instanceId === call.record.instanceId;
    if (isOurs) await runtime.destroy(found.handle, { signal: call.signal });
  }
  failpoint("stop.after");
  return [{ kind: "stopped", launch }];
}
