import type { Measured } from "./figure.ts";
import type { Fleet } from "./fleet.ts";

export interface BenchContext {
  isQuick: boolean;
  /** This many rounds, or fewer in a quick run. */
  rounds(full: number): number;
  /** The many idle sessions, created once for all benchmarks that need them. */
  fleet(): Promise<Fleet>;
  say(line: string): void;
}

export type Bench = (context: BenchContext) => Promise<Measured[]>;
