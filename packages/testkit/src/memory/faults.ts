import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions, Clock } from "@agent-orchestrator/core/slots/common";

/**
 * What can happen to one call of a plugin. `late`: it did the work and failed to say so. `hang` ends when it is told to give
 * up, `deaf` not even then.
 */
export type Fault = "fail" | "cannot-tell" | "late" | "slow" | "hang" | "deaf";

export interface Faults {
  /** Makes the next calls of the method fail, or all of them with `always`. */
  inject(method: string, fault: Fault, times?: number): void;
  always(method: string, fault: Fault | null): void;
  /** Called before every call without an injected fault. */
  chance: ((method: string) => Fault | null) | null;
  /** How long a slow call takes. */
  slowMs: number;
  /** All calls so far, by name. */
  readonly calls: string[];
  /** Methods that were called without a signal, so that nothing could have ended the call. */
  readonly unsignalled: Set<string>;
  count(method: string): number;
  /** Makes one call, with the faults that apply. */
  run<T>(method: string, options: CallOptions | undefined, effect: () => T): Promise<T>;
}

const KEPT_CALLS = 20_000;

/** The faults of one plugin, or of a whole world of them. */
export function createFaults(clock: Clock): Faults {
  const planned = new Map<string, Fault[]>();
  const standing = new Map<string, Fault>();
  const calls: string[] = [];
  const unsignalled = new Set<string>();
  const faults: Faults = {
    chance: null,
    slowMs: 3_000,
    calls,
    unsignalled,
    inject(method, fault, times = 1) {
      planned.set(method, [...(planned.get(method) ?? []), ...Array<Fault>(times).fill(fault)]);
    },
    always(method, fault) {
      if (fault === null) standing.delete(method);
      else standing.set(method, fault);
    },
    count: (method) => calls.filter((call) => call === method).length,
    async run(method, options, effect) {
      if (calls.length < KEPT_CALLS) calls.push(method);
      if (options?.signal === undefined) unsignalled.add(method);
      const fault = planned.get(method)?.shift() ?? standing.get(method) ?? faults.chance?.(method) ?? null;
      options?.signal?.throwIfAborted();
      return befall({ fault, method, clock, slowMs: faults.slowMs, signal: options?.signal }, effect);
    },
  };
  return faults;
}

interface Befalling {
  fault: Fault | null;
  method: string;
  clock: Clock;
  slowMs: number;
  signal: AbortSignal | undefined;
}

async function befall<T>({ fault, method, clock, slowMs, signal }: Befalling, effect: () => T): Promise<T> {
  switch (fault) {
    case null:
      return effect();
    case "fail":
      throw new AoError("FAILED", `${method} failed`);
    case "cannot-tell":
      throw new AoError("UNREACHABLE", `${method} cannot tell`);
    case "late":
      effect();
      throw new AoError("UNREACHABLE", `${method} did not answer`);
    case "slow":
      await clock.sleep(slowMs, signal);
      return effect();
    case "hang":
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));
    case "deaf":
      return new Promise(() => undefined);
  }
}
