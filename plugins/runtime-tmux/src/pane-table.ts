import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Pane, PaneRow } from "./panes.ts";
import { followPasteMode } from "./paste-mode.ts";

const UNKNOWN_PANES = 64;
const UNKNOWN_CHARS = 4_096;

/** The agents' panes by their tmux ids. */
export class PaneTable {
  readonly #clock: Clock;
  readonly #panes = new Map<string, Pane>();
  /** The first output of a pane may come before the answer to the command that made it. */
  readonly #early = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(name: string, intent: string): Pane | undefined {
    return [...this.#panes.values()].find((pane) => pane.name === name && pane.intent === intent);
  }

  byName(name: string): Pane | undefined {
    return [...this.#panes.values()].find((pane) => pane.name === name);
  }

  byId(paneId: string): Pane | undefined {
    return this.#panes.get(paneId);
  }

  /** A pane that was just created. We see all of its output. */
  addNew(row: Omit<PaneRow, "session" | "isReady">): Pane {
    const known = this.#panes.get(row.paneId);
    const pane = known ?? this.#put({ ...row, isReady: false }, false);
    pane.isBracketed ??= false;
    this.#takeEarly(pane);
    return pane;
  }

  /** Compares with tmux's list. New panes existed before us, so their modes are unknown. Returns the missing ones. */
  sync(rows: readonly PaneRow[]): Pane[] {
    const present = new Set<string>();
    for (const row of rows) {
      present.add(row.paneId);
      if (this.#panes.get(row.paneId)?.intent !== row.intent) this.#takeEarly(this.#put(row, null));
    }
    const missing = [...this.#panes.values()].filter((pane) => !present.has(pane.paneId));
    for (const pane of missing) this.#panes.delete(pane.paneId);
    return missing;
  }

  /** We may have missed output. */
  forgetModes(): void {
    for (const pane of this.#panes.values()) pane.isBracketed = null;
  }

  drop(pane: Pane): void {
    this.#panes.delete(pane.paneId);
  }

  clear(): Pane[] {
    const all = [...this.#panes.values()];
    this.#panes.clear();
    return all;
  }

  /** Notes output. Undefined if it is not an agent's pane, or not yet. */
  takeOutput(paneId: string, text: string): Pane | undefined {
    const pane = this.#panes.get(paneId);
    if (pane === undefined) {
      if (!this.#early.has(paneId) && this.#early.size >= UNKNOWN_PANES) this.#early.clear();
      this.#early.set(paneId, ((this.#early.get(paneId) ?? "") + text).slice(-UNKNOWN_CHARS));
      return undefined;
    }
    followPasteMode(pane, text);
    pane.outputAtMs = this.#clock.monotonic();
    return pane;
  }

  #put(row: Omit<PaneRow, "session">, isBracketed: boolean | null): Pane {
    const { paneId, windowId, tty, isReady, intent, name } = row;
    const seenAtMs = this.#clock.monotonic();
    const pane = { paneId, windowId, tty, isReady, intent, name, isBracketed, tail: "", seenAtMs, outputAtMs: null };
    this.#panes.set(paneId, pane);
    return pane;
  }

  #takeEarly(pane: Pane): void {
    const early = this.#early.get(pane.paneId);
    if (early === undefined) return;
    this.#early.delete(pane.paneId);
    this.takeOutput(pane.paneId, early);
  }
}
