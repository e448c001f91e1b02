import type { Measured } from "./figure.ts";
import type { Fleet } from "./fleet.ts";

/** For the benchmark `fleet`. */
export interface FleetOptions {
  sizes?: number[];
  kinds?: ("idle" | "busy")[];
  /** How long each fleet is watched. */
  minutes?: number;
  /** The table and the plot in the docs are written. */
  isForDocs: boolean;
}

export interface BenchContext {
  options: FleetOptions;
  isQuick: boolean;
  /** This many rounds, or fewer in a quick run. */
  rounds(full: number): number;
  /** The many idle sessions, created once for all benchmarks that need them. */
  fleet(): Promise<Fleet>;
  say(line: string): void;
}

export type Bench = (context: BenchContext) => Promise<Measured[]>;
