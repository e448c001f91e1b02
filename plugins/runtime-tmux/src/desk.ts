import { join } from "node:path";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { ProcessInfo } from "@agent-orchestrator/core/slots/runtime";
import { isRunning, mayBeRunning } from "@agent-orchestrator/plugin-kit/process";
import { baseEnv, confText } from "./base.ts";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { outputOf } from "./control-stream.ts";
import { clearLeftovers } from "./leftovers.ts";
import type { Launch } from "./naming.ts";
import type { TmuxOptions } from "./options.ts";
import { PaneTable } from "./pane-table.ts";
import { type Pane, settleLinks } from "./panes.ts";
import { Records } from "./records.ts";
import { TmuxServer } from "./server.ts";
import { keepSizes, releaseSizes } from "./sizes.ts";
import { Viewers } from "./viewers.ts";
import { type Look, Watches } from "./watches.ts";

type OutputListener = (paneId: string, text: string) => void;

/** What the verbs share: the server, its panes, the runners' records, and the listeners. */
export class Desk {
  readonly context: PluginContext;
  readonly server: TmuxServer;
  readonly panes: PaneTable;
  readonly records: Records;
  readonly watches: Watches;
  readonly runnerPath: string;
  readonly graceMs: number;
  readonly #viewers: Viewers;
  readonly #closing = new AbortController();
  readonly #outputListeners = new Set<OutputListener>();
  /** Called when output of a pane was lost or its size changed, with its id or that of its window. Null: of all panes. */
  readonly gaps = new Set<(id: string | null) => void>();
  #client: ControlClient | null = null;
  #isSettling = false;

  constructor(context: PluginContext, options: TmuxOptions) {
    const { clock, log } = context;
    this.context = context;
    this.graceMs = options.graceMs;
    this.panes = new PaneTable(clock);
    this.records = new Records(join(context.stateDir, "run"));
    this.runnerPath = join(context.stateDir, "runner.sh");
    this.server = new TmuxServer(
      {
        program: options.program,
        socketPath: join(context.socketDir, "tmux"),
        confPath: join(context.stateDir, "tmux.conf"),
        conf: () => confText(context),
        env: () => baseEnv(context),
        clock,
        log,
        newNonce: newId,
      },
      {
        notice: (line) => this.#notice(line),
        connected: (client) => this.#connected(client),
        lost: (reason) => this.#lost(reason),
      },
    );
    this.#viewers = new Viewers({
      clock,
      client: () => this.#client,
      onTyped: (session, atMs) => this.#typed(session, atMs),
    });
    this.watches = new Watches({
      clock,
      log,
      recordsDir: this.records.dir,
      endOf: (key, look) => endOf(this.records, { key, look }),
      lastOutput: (key) => this.#lastOutput(key),
      signal: this.closing,
    });
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The connection. Starts a server if there is none. */
  async client(): Promise<ControlClient> {
    const client = await this.server.client({ start: true });
    if (client === null) throw new AoError("UNREACHABLE", "tmux could not be started");
    return client;
  }

  /** The pane of this launch, or undefined if there certainly is none. */
  async paneOf(launch: Launch): Promise<{ client: ControlClient; pane: Pane } | undefined> {
    const client = await this.server.client({ start: false });
    const pane = this.panes.find(launch.name, launch.intent);
    return client === null || pane === undefined ? undefined : { client, pane };
  }

  /** Compares our records with what tmux has now. */
  async takeStock(client: ControlClient): Promise<void> {
    this.#tellMissing(this.panes.sync(await settleLinks(client)));
  }

  listen(listener: OutputListener): () => void {
    this.#outputListeners.add(listener);
    return () => this.#outputListeners.delete(listener);
  }

  close(): void {
    this.#closing.abort();
    this.server.close();
  }

  #notice(line: string): void {
    const output = outputOf(line);
    if (output !== null) {
      const pane = this.panes.takeOutput(output.paneId, output.text);
      if (pane !== undefined) this.watches.output(keyOf(pane));
      for (const listener of this.#outputListeners) listener(output.paneId, output.text);
      return;
    }
    if (line.startsWith("%pause ")) this.#resume(line.slice(7));
    else if (line.startsWith("%layout-change ")) tell(this.gaps, line.split(" ", 2)[1] ?? null);
    else if (line.startsWith("%client-detached ") && this.#client !== null) void releaseSizes(this.#client);
    else if (line.startsWith("%client-session-changed ")) void this.#viewers.look(this.closing);
    else if (/^%(sessions-changed|window-close|unlinked-window-close)\b/.test(line)) void this.#settle();
  }

  /** We read this pane too slowly, and tmux dropped its output rather than slow the program down. */
  #resume(paneId: string): void {
    const pane = this.panes.byId(paneId);
    if (pane !== undefined) pane.isBracketed = null;
    tell(this.gaps, paneId);
    const resumed = this.#client?.run(command("refresh-client", "-A", `${paneId}:continue`));
    resumed?.catch(() => undefined); // The pane or the connection is gone. Both are reported elsewhere.
  }

  async #connected(client: ControlClient): Promise<void> {
    this.#client = client;
    await clearLeftovers(client);
    this.panes.forgetModes();
    const rows = await settleLinks(client);
    await keepSizes(client, rows);
    this.#tellMissing(this.panes.sync(rows));
    tell(this.gaps, null);
    void this.#viewers.look(this.closing);
  }

  /** Sessions come and go in bursts, so look once after each burst. */
  async #settle(): Promise<void> {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      await this.context.clock.sleep(SETTLE_MS, this.closing);
      this.#isSettling = false;
      if (this.#client !== null) await this.takeStock(this.#client);
    } catch (error) {
      this.context.log.debug("tmux: could not list the panes", { error: toAoError(error).message });
    } finally {
      this.#isSettling = false;
    }
  }

  #lost(reason: string): void {
    this.#client = null;
    for (const pane of this.panes.clear()) this.watches.lost(keyOf(pane), reason);
  }

  #tellMissing(missing: readonly Pane[]): void {
    for (const pane of missing) this.watches.lost(keyOf(pane), "its terminal was closed");
  }

  #typed(session: string, atMs: number): void {
    const pane = this.panes.byName(session);
    if (pane === undefined) return;
    this.watches.tell(keyOf(pane), { kind: "human-input", at: toIso(atMs) });
  }

  async #lastOutput(key: string): Promise<string | null> {
    const [name = "", intent = ""] = key.split(".");
    const pane = this.panes.find(name, intent);
    if (pane === undefined || this.#client === null) return null;
    try {
      return await capture(this.#client, pane, 50);
    } catch {
      return null; // Its terminal is gone. Unknown is a valid answer.
    }
  }
}

const SETTLE_MS = 100;

function tell(gaps: Desk["gaps"], id: string | null): void {
  for (const listener of gaps) listener(id);
}

export const keyOf = (pane: Pane): string => `${pane.name}.${pane.intent}`;

/** Identifies this launch's programs in their environment, including those that left the process tree. Unique to this launch. */
export function marksOf(desk: Desk, launch: Pick<Launch, "key">): Record<string, string> {
  return { AO_RUNTIME_ID: desk.records.path(launch.key) };
}

/** What tmux writes under the output of a program that has ended (before 3.3 in its own words). */
const ENDED = /^(the agent has ended|Pane is dead) \(.*\)$/;

/** The last lines of a pane, wrapped ones joined, without escape sequences. */
export async function capture(client: ControlClient, pane: Pane, lines: number): Promise<string> {
  const rows = await client.run(command("capture-pane", "-p", "-J", "-S", `-${lines}`, "-t", pane.paneId));
  const kept = rows.map((row) => row.trimEnd());
  while (kept.at(-1) === "" || ENDED.test(kept.at(-1) ?? "")) kept.pop();
  return kept.slice(-lines).join("\n");
}

function endOf(records: Records, { key, look }: { key: string; look: Look }): { exit: ProcessInfo["exit"] } | null {
  // Living ones first: they are many, and this is called often.
  const record = records.readPid(key);
  if (record !== null && (look === "quick" ? mayBeRunning : isRunning)(record.agent)) return null;
  const exit = records.readExit(key);
  if (exit !== null) return { exit };
  if (record === null || isRunning(record.runner)) return null;
  return { exit: records.readExit(key) };
}
