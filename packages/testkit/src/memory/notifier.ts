import { AoError } from "@agent-orchestrator/core/model/errors";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import type { Faults } from "./faults.ts";

export interface MemoryNotifier extends Notifier {
  /** The notifications sent to the user, oldest first. */
  readonly told: OrchestratorEvent[];
  isReachable: boolean;
}

export function memoryNotifier({ faults }: { faults: Faults }): MemoryNotifier {
  const told: OrchestratorEvent[] = [];
  const notifier: MemoryNotifier = {
    told,
    isReachable: true,
    notify: (event, options) =>
      faults.run("notifier.notify", options, () => {
        if (!notifier.isReachable) throw new AoError("UNREACHABLE", "nobody listens", { hint: "Listen." });
        told.push(event);
      }),
    check: (options) =>
      faults.run("notifier.check", options, () => ({ ok: notifier.isReachable, text: "the notifier in memory" })),
  };
  return notifier;
}
