import { Chalk } from "chalk";
import type { Io } from "./io.ts";

export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Colours only on a terminal that is not dumb, and never with NO_COLOR. FORCE_COLOR overrides the terminal. */
export function coloursFor(io: Io, stream: "out" | "err" = "out"): Colours {
  const isTty = stream === "out" ? io.isOutTty : io.isErrTty;
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  const isForced = FORCE_COLOR !== undefined && FORCE_COLOR !== "0" && FORCE_COLOR !== "";
  const isWanted = !NO_COLOR && (isForced || (isTty && TERM !== "dumb" && FORCE_COLOR !== "0"));
  return new Chalk({ level: isWanted ? 1 : 0 });
}
