import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";

const found = new WeakSet<Runtime>();

/** Throws UNAVAILABLE when what this runtime needs is missing; once it was there, it is not looked for again. */
export async function requireUsable(runtime: Runtime): Promise<void> {
  if (found.has(runtime)) return;
  const problem = (await runtime.check?.())?.find(({ ok }) => !ok);
  if (problem !== undefined) {
    throw new AoError("UNAVAILABLE", problem.text, { hint: problem.hint ?? "Run `ao doctor` to see what is missing." });
  }
  found.add(runtime);
}
