import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { readDoor, writeDoor } from "@agent-orchestrator/core/store/door-file";
import type { Layout } from "@agent-orchestrator/core/store/layout";
import type { App } from "../app.ts";
import { closeNow, type Listening, listenNear } from "./listen.ts";
import { createPageFiles } from "./page-files.ts";
import { createPasses } from "./passes.ts";
import { createSockets } from "./sockets.ts";

/** How often the configs are compared with what is open. */
const EVERY_MS = 2_000;

export const USUAL_PORT = 3000;

export interface DoorState {
  port: number;
  /** The one that was asked for, if it is another. */
  wanted: number;
}

/** Where browsers come in: the dashboard's port. It is open if a config says `dashboard: true`, or from `ao dashboard` on. */
export interface Door {
  /** Opens it, and keeps it open for later daemons too. */
  open(port: number): Promise<DoorState>;
  /** Closes it unless a config wants it. */
  close(): Promise<void>;
  state(): DoorState | null;
  /** A link that logs one browser in, once. */
  newLink(path?: string): string;
  /** Ends all logins. */
  revoke(): number;
  logins(): number;
  /** Whether the app is part of this build. */
  hasPage(): boolean;
}

interface Deps {
  clock: Clock;
  log: Log;
  layout: Pick<Layout, "daemon">;
}

interface Open {
  state: DoorState;
  listening: Listening;
}

export interface StartedDoor extends Door {
  /** From now on it follows the configs. */
  start(app: App): { stop(): void };
}

export const createDoor = (deps: Deps): StartedDoor => new DaemonDoor(deps);

class DaemonDoor implements StartedDoor {
  readonly #deps: Deps;
  readonly #passes: ReturnType<typeof createPasses>;
  readonly #files = createPageFiles();
  readonly #stopping = new AbortController();
  #serve: ((port: number) => Promise<Listening>) | null = null;
  #wantedByConfig: number | null = null;
  #asked: number | null;
  #open: Open | null = null;
  /** One change after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #trouble = "";

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#passes = createPasses(deps);
    this.#asked = readDoor(deps.layout).askedPort;
  }

  start(app: App): { stop(): void } {
    const sockets = createSockets(app, this.#passes);
    const report = (error: unknown) => app.world.log.warn(`dashboard: ${String(error)}`);
    const deps = { passes: this.#passes, files: this.#files, openSocket: sockets.open, report };
    this.#serve = (port) => listenNear(port, deps);
    void this.#follow(app);
    return {
      stop: () => {
        this.#stopping.abort();
        sockets.closeAll();
        this.#closeNow();
      },
    };
  }

  async open(port: number): Promise<DoorState> {
    this.#keepAsked(port);
    return await this.#inTurn(async () => await this.#ensure(this.#wantedByConfig ?? port));
  }

  async close(): Promise<void> {
    this.#keepAsked(null);
    await this.#inTurn(async () => {
      if (this.#wantedByConfig === null) this.#closeNow();
    });
  }

  state(): DoorState | null {
    return this.#open?.state ?? null;
  }

  newLink(path = "/"): string {
    return `http://127.0.0.1:${this.#open?.state.port ?? USUAL_PORT}${path}#code=${this.#passes.newCode()}`;
  }

  revoke(): number {
    return this.#passes.revoke();
  }

  logins(): number {
    return this.#passes.count();
  }

  hasPage(): boolean {
    return this.#files.dir !== null;
  }

  #keepAsked(port: number | null): void {
    if (this.#asked === port) return;
    this.#asked = port;
    writeDoor(this.#deps.layout, { askedPort: port });
  }

  /** A port that cannot be had is said once, and is no reason for anything else to fail. */
  async #follow(app: App): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wantedByConfig = portOfConfigs(app);
      const wanted = this.#wantedByConfig ?? this.#asked;
      await this.#inTurn(async () => {
        if (wanted === null) this.#closeNow();
        else await this.#ensure(wanted);
        this.#trouble = "";
      }).catch((error: unknown) => {
        const { message } = toAoError(error);
        if (message !== this.#trouble) this.#deps.log.warn(`dashboard: ${message}`);
        this.#trouble = message;
      });
      await this.#deps.clock.sleep(EVERY_MS, this.#stopping.signal).catch(() => undefined); // The daemon stops.
    }
  }

  async #ensure(wanted: number): Promise<DoorState> {
    if (this.#open?.state.wanted === wanted) return this.#open.state;
    this.#closeNow();
    if (this.#serve === null) throw new Error("the door was asked to open before it was built");
    const listening = await this.#serve(wanted);
    const state = { port: listening.port, wanted };
    this.#open = { state, listening };
    if (this.#stopping.signal.aborted) this.#closeNow();
    else this.#deps.log.warn(`dashboard: ${opened(state)}`);
    return state;
  }

  #closeNow(): void {
    for (const server of this.#open?.listening.servers ?? []) closeNow(server);
    this.#open = null;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change, change);
    this.#turn = turn.catch(() => undefined); // Whoever asked for it hears of it.
    return turn;
  }
}

const opened = ({ port, wanted }: DoorState): string =>
  `listens on http://127.0.0.1:${port}${port === wanted ? "" : ` (port ${wanted} is taken)`}`;

/** The port of the first config in force that wants a dashboard. */
function portOfConfigs(app: App): number | null {
  const instances = app.configs.all().map(({ id }) => app.configs.get(id));
  return instances.find((instance) => instance?.dashboard === true && instance.trust.isTrusted)?.port ?? null;
}
