import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";

const found = new WeakSet<Runtime>();

/** Throws UNAVAILABLE if something this runtime needs is missing. Once found, it is not checked again. */
export async function requireUsable(runtime: Runtime): Promise<void> {
  if (found.has(runtime)) return;
  const problem = (await runtime.check?.())?.find(({ ok }) => !ok);
  if (problem !== undefined) {
    throw new AoError("UNAVAILABLE", problem.text, { hint: problem.hint ?? "Run `ao doctor` to see what is missing." });
  }
  found.add(runtime);
}
