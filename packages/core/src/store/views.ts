import type { Fs } from "../host/fs-port.ts";
import type { State } from "../model/state.ts";
import type { Layout } from "./layout.ts";
import type { Report } from "./problem.ts";

export interface Views {
  /** Which sessions are not the same object any more; written soon after. */
  changed(before: State, after: State): void;
  /** Writes what is pending now. For answers that promise a file. */
  flush(): void;
  /** Looks for edits by hand and puts them back. For a slow tick. */
  check(): void;
  /** Makes every file what the state says. */
  rollForward(): void;
  close(): void;
}

export interface ViewsOptions {
  fs: Fs;
  layout: Layout;
  report: Report;
  stateNow: () => State;
}

export function createViews(_options: ViewsOptions): Views {
  const nothing = () => undefined;
  return { changed: nothing, flush: nothing, check: nothing, rollForward: nothing, close: nothing };
}
