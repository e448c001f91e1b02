import type { Measured } from "./figure.ts";
import type { Fleet } from "./fleet.ts";

export interface BenchContext {
  isQuick: boolean;
  /** So many rounds, fewer in a quick run. */
  rounds(full: number): number;
  /** The many idle sessions, made once for all benchmarks that need them. */
  fleet(): Promise<Fleet>;
  say(line: string): void;
}

export type Bench = (context: BenchContext) => Promise<Measured[]>;
