import type { Clock } from "@agent-orchestrator/core/slots/common";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";

interface Viewer {
  /** Seconds since the epoch. Activity up to then is known. */
  knownUntil: number;
  /** At the last look the keys went to tmux, and so may the key that ended that. */
  wasQuiet: boolean;
}

export interface ViewersOptions {
  clock: Clock;
  /** Null while there is no connection. */
  client(): ControlClient | null;
  /** Somebody typed in a terminal that shows this session. */
  onTyped(session: string, atMs: number): void;
}

const ROW = ["client_name", "client_session", "client_activity", "client_created", "client_prefix", "pane_in_mode"];
const HUMANS = "#{&&:#{==:#{client_control_mode},0},#{==:#{client_readonly},0}}";
const STEP_MS = 1_000;
/** Terminals answer tmux's queries just after they attach, and tmux counts that as activity. */
const SETTLE_S = 1;

/**
 * Distinguishes typing from watching. tmux keeps the time of each client's last key. It is asked only while somebody is attached,
 * once a second over the existing connection. Scrolling back (copy mode) and the prefix key, as for detaching, don't count as typing.
 */
export class Viewers {
  readonly #options: ViewersOptions;
  readonly #viewers = new Map<string, Viewer>();
  #isLooking = false;
  #wantsLook = false;

  constructor(options: ViewersOptions) {
    this.#options = options;
  }

  /** Somebody attached, or a connection was opened. Looks until nobody is attached any more. */
  async look(signal: AbortSignal): Promise<void> {
    this.#wantsLook = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#wantsLook && !signal.aborted) {
        this.#wantsLook = (await this.#askOnce()) > 0;
        if (this.#wantsLook) await this.#options.clock.sleep(STEP_MS, signal);
      }
    } catch {
      // The connection broke or was closed. The next one looks again.
    } finally {
      this.#isLooking = false;
    }
  }

  async #askOnce(): Promise<number> {
    const client = this.#options.client();
    if (client === null) return 0;
    const format = ROW.map((name) => `#{${name}}`).join("\t");
    const lines = await client.run(command("list-clients", "-F", `#{?${HUMANS},${format},}`));
    const present = new Set<string>();
    for (const line of lines) {
      const [name, session, activity, created, prefix, inMode] = line.split("\t");
      if (!name || session === undefined) continue;
      present.add(`${name} ${session}`);
      const quiet = prefix === "1" || inMode === "1";
      this.#judge(`${name} ${session}`, { session, activity: Number(activity), created: Number(created), quiet });
    }
    for (const name of this.#viewers.keys()) if (!present.has(name)) this.#viewers.delete(name);
    return present.size;
  }

  #judge(name: string, row: { session: string; activity: number; created: number; quiet: boolean }): void {
    const before = this.#viewers.get(name);
    const known = before?.knownUntil ?? row.created + SETTLE_S;
    this.#viewers.set(name, { knownUntil: Math.max(known, row.activity), wasQuiet: row.quiet });
    if (row.activity > known && !row.quiet && !before?.wasQuiet)
      this.#options.onTyped(row.session, row.activity * 1000);
  }
}
