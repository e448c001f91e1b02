import type { Fs } from "../../host/fs-port.ts";
import { errno } from "./mem-fs.ts";

export type Fault = "ENOSPC" | "EIO" | "EMFILE" | "short" | "one-byte";

export interface FaultPlan {
  kind: Fault;
  /** Number of the first system call that fails, from 1. */
  from: number;
  /** How many in a row. */
  count: number;
}

/** The calls that can hit each fault. Others pass. A close never fails, because the sync already showed its error. */
const VICTIMS: Record<Fault, ReadonlySet<string>> = {
  ENOSPC: new Set(["open", "write", "fsync", "fdatasync", "rename", "mkdir", "ftruncate"]),
  EIO: new Set(["open", "read", "write", "fsync", "fdatasync", "fstat", "ftruncate", "rename", "readdir", "lstat"]),
  EMFILE: new Set(["open", "readdir"]),
  short: new Set(["write"]),
  "one-byte": new Set(["write"]),
};

/** The same files, with some of the calls failing. */
export function faultFs(base: Fs, plan: FaultPlan): Fs & { calls: number } {
  const state = { calls: 0 };
  const wrapped = Object.create(base) as Fs & { calls: number };
  const names = [
    "open",
    "read",
    "write",
    "fsync",
    "fdatasync",
    "fstat",
    "ftruncate",
    "rename",
    "unlink",
    "mkdir",
  ] as const;
  for (const name of [...names, "readdir", "lstat"] as const) {
    const real = base[name].bind(base) as (...args: unknown[]) => unknown;
    const faulty = (...args: unknown[]): unknown => {
      state.calls += 1;
      const isHit = state.calls >= plan.from && state.calls < plan.from + plan.count && VICTIMS[plan.kind].has(name);
      if (!isHit) return real(...args);
      if (plan.kind === "one-byte") return real(args[0], (args[1] as Uint8Array).subarray(0, 1));
      if (plan.kind === "short") {
        const bytes = args[1] as Uint8Array;
        if (bytes.length > 1 && state.calls === plan.from) return real(args[0], bytes.subarray(0, bytes.length >> 1));
        throw errno("ENOSPC", name);
      }
      throw errno(plan.kind, name);
    };
    Object.defineProperty(wrapped, name, { value: faulty });
  }
  Object.defineProperty(wrapped, "calls", { get: () => state.calls });
  return wrapped;
}
