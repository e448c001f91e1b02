import { createConnection } from "node:net";
import { dirname } from "node:path";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { marked } from "@agent-orchestrator/plugin-kit/mark";
import { ControlClient } from "./control-client.ts";
import { HUB } from "./naming.ts";
import { OWN_SIZE } from "./sizes.ts";

export interface ServerOptions {
  program: string;
  socketPath: string;
  confPath: string;
  /** Written to `confPath` before a start. */
  conf(): Promise<string>;
  env(): Record<string, string>;
  clock: Clock;
  log: Log;
  newNonce(): string;
}

export interface ServerEvents {
  notice(line: string): void;
  /** A connection is open. List the panes before anybody uses it. */
  connected(client: ControlClient): Promise<void>;
  /** The server is certainly gone, and all its sessions with it. */
  lost(reason: string): void;
}

/** Taller than the agents' windows by the status line, so that a probing client of the hub's size resizes nothing. */
const HUB_SIZE = ["-x", String(OWN_SIZE.columns), "-y", String(OWN_SIZE.rows + 1)];
const TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const ATTEMPT_PAUSE_MS = 100;

/** Our own tmux server and the one connection to it: started on demand, reconnected when it breaks. */
export class TmuxServer {
  readonly #options: ServerOptions;
  readonly #events: ServerEvents;
  readonly #closing = new AbortController();
  #client: ControlClient | null = null;
  #connecting: Promise<ControlClient | null> | null = null;

  constructor(options: ServerOptions, events: ServerEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Null if there certainly is no server and none should be started. */
  async client({ start }: { start: boolean }): Promise<ControlClient | null> {
    // While it connects, there is already a client, but the server's panes are not known yet.
    if (this.#client !== null && this.#connecting === null) return this.#client;
    if (this.#closing.signal.aborted) throw new AoError("UNREACHABLE", "the tmux runtime was closed");
    const found = await this.#joinConnecting(false);
    return found === null && start ? this.#joinConnecting(true) : found;
  }

  /** The command line of our server. Always in UTF-8: otherwise tmux prints `_` for what it considers unprintable. */
  argv(...args: string[]): [string, ...string[]] {
    return [this.#options.program, "-u", "-S", this.#options.socketPath, ...args];
  }

  close(): void {
    this.#closing.abort();
    this.#client?.close();
    this.#client = null;
  }

  async #joinConnecting(start: boolean): Promise<ControlClient | null> {
    while (this.#connecting !== null) {
      const client = await this.#connecting;
      if (client !== null) return client;
      if (!start) return null;
    }
    this.#connecting = this.#connect(start).finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(start: boolean): Promise<ControlClient | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        const client = await this.#tryConnect(start);
        if (client === null) return null;
        this.#client = client;
        await this.#events.connected(client);
        return client;
      } catch (error) {
        this.#client?.close();
        this.#client = null;
        // A server that is about to end still listens. A moment later it is clear that there is none. One that is silent stays so.
        if (attempt === ATTEMPTS || isSilence(error) || this.#closing.signal.aborted) throw error;
        await this.#options.clock.sleep(ATTEMPT_PAUSE_MS, this.#closing.signal);
      }
    }
  }

  async #tryConnect(start: boolean): Promise<ControlClient | null> {
    if (!(await isListening(this.#options.socketPath))) {
      if (!start) return null;
      await this.#start();
    }
    const client = await this.#attach();
    if (client !== null) return client;
    await this.#start(); // The server runs, but its hub was closed by hand.
    const second = await this.#attach();
    if (second === null) throw new AoError("UNREACHABLE", "tmux started, but ao could not attach to it");
    return second;
  }

  async #start(): Promise<void> {
    const { confPath, socketPath, program } = this.#options;
    if (Buffer.byteLength(socketPath) > 100) throw new AoError("CONFIG", `too long for a socket: ${socketPath}`);
    ensureDir(dirname(socketPath));
    putFile(confPath, await this.#options.conf());
    // `cat` waits for input that never comes, so the hub costs nothing.
    const hub = ["new-session", "-d", "-s", HUB, "-n", "hub", ...HUB_SIZE, "cat", "-u"];
    // What `run-shell` starts is the server's child, and no more the user's than an agent is.
    const [shell, ...args] = marked(this.argv("-f", confPath, ...hub));
    await exec(shell, args, {
      title: `${program} new-session`,
      env: this.#options.env(),
      timeoutMs: TIMEOUT_MS,
      cwd: "/",
    });
  }

  /** Null if there is no hub. */
  async #attach(): Promise<ControlClient | null> {
    let client: ControlClient | null = null;
    client = new ControlClient({
      argv: this.argv("-C", "attach-session", "-t", `=${HUB}:`, "-f", "ignore-size,pause-after=2"),
      env: this.#options.env(),
      clock: this.#options.clock,
      nonce: this.#options.newNonce(),
      onNotice: (line) => this.#events.notice(line),
      onClose: () => {
        if (client === null || this.#client !== client) return;
        this.#client = null;
        void this.#reconnect();
      },
    });
    try {
      await client.attach();
      return client;
    } catch (error) {
      client.close();
      if (client.isSilent) throw silence(error);
      if (error instanceof Error && /can't find session|no sessions/.test(error.message)) return null;
      throw error;
    }
  }

  async #reconnect(): Promise<void> {
    const { clock, log, socketPath } = this.#options;
    const signal = this.#closing.signal;
    try {
      for (let pauseMs = 50; !signal.aborted; pauseMs = Math.min(pauseMs * 2, 5_000)) {
        await clock.sleep(pauseMs, signal);
        try {
          if (await this.client({ start: false })) return;
          if (!(await isListening(socketPath))) return this.#events.lost("the tmux server has ended");
        } catch (error) {
          log.debug("tmux: not reconnected yet", { error: String(error) });
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error; // Closed while waiting, so nothing needs it any more.
    }
  }
}

const silence = (cause: unknown): AoError =>
  new AoError("UNREACHABLE", "tmux is not responding", {
    hint: "Is its process stopped? `ao doctor` shows whether tmux answers.",
    details: { isSilent: true },
    cause,
  });

const isSilence = (error: unknown): boolean => error instanceof AoError && error.details?.isSilent === true;

/** False only if nothing can be listening there. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(false);
      else reject(new AoError("UNREACHABLE", `tmux's socket cannot be asked: ${error.message}`, { cause: error }));
    });
  });
}
