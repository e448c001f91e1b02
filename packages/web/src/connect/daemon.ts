import { type Connection, clientOf } from "@agent-orchestrator/core/protocol/client";
import type { WireError } from "@agent-orchestrator/core/protocol/frames";
import { webSocketTransport } from "@agent-orchestrator/core/protocol/web-socket";
import type { Change, ParamsOf, RequestName, Requests, ResultOf } from "@agent-orchestrator/daemon/requests";
import { signal } from "@preact/signals";
import { newId, nowMs, sleep } from "../world.ts";
import { forgetToken, hasToken, socketUrl, ticket, Unauthorized } from "./api.ts";

export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "connected" }
  /** The daemon has not answered since then. What is shown is from before. */
  | { kind: "away"; sinceMs: number }
  /** The page has no token, or one that the daemon does not know. */
  | { kind: "locked" };

export const connection = signal<ConnectionState>(hasToken() ? { kind: "connecting" } : { kind: "locked" });

/** What the daemon refused, or could not do, in its words. */
export class Refused extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor({ code, message, hint }: WireError) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

const call = clientOf<Requests>();
const RETRY_MS = [100, 250, 500, 1_000, 2_000];
const ATTEMPTS = 6;

let attempt = 0;

const lost = (): void => {
  const { kind } = connection.value;
  if (kind === "connected" || kind === "connecting") connection.value = { kind: "away", sinceMs: nowMs() };
};

/** An open socket. Throws if there is none to be had. */
async function open(): Promise<WebSocket> {
  try {
    const socket = new WebSocket(socketUrl("/api/ws", { ticket: await ticket() }));
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", () => reject(new Error("the daemon did not answer")), { once: true });
    });
    socket.addEventListener("close", lost);
    attempt = 0;
    connection.value = { kind: "connected" };
    return socket;
  } catch (error) {
    if (error instanceof Unauthorized) {
      forgetToken();
      connection.value = { kind: "locked" };
    } else lost();
    throw error;
  }
}

const { transport } = webSocketTransport(open);

async function retryPause(): Promise<void> {
  const ms = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 2_000;
  attempt += 1;
  await sleep(ms);
}

/** Of the caller the daemon takes only these two from a page. */
const callerOf = (wishId?: string, configPath?: string): Connection["caller"] => ({
  ...{ cwd: "/", pid: 0, build: "page" },
  ...(wishId === undefined ? {} : { wishId }),
  ...(configPath === undefined ? {} : { configPath }),
});

interface Hooks<N extends RequestName> {
  onProgress?(text: string): void;
  onItem?(data: ResultOf<N>): void;
  signal?: AbortSignal;
  /** The config that a project's name is looked up in. */
  configPath?: string;
}

/** Asks once. The same wish is repeated after a lost connection: the daemon carries it out once. */
async function request<N extends RequestName>(
  wanted: { name: N; params: ParamsOf<N>; wishId?: string },
  hooks: Hooks<N>,
): Promise<Requests[N]["result"]> {
  for (let round = 1; ; round += 1) {
    try {
      const { name, params } = wanted;
      const outcome = await call(
        { transport, caller: callerOf(wanted.wishId, hooks.configPath) },
        { name, params },
        hooks,
      );
      if (outcome.ok) return outcome.data;
      if (outcome.error !== null) throw new Refused(outcome.error);
    } catch (error) {
      if (error instanceof Refused || error instanceof Unauthorized) throw error;
    }
    if (hooks.signal?.aborted === true) throw new Error("no longer wanted");
    if (round >= ATTEMPTS) throw new Error("the daemon is away, so it is not known whether this was done");
    await retryPause();
  }
}

/** A look: changes nothing. */
export const ask = <N extends Exclude<RequestName, Change>>(
  name: N,
  params: ParamsOf<N>,
  hooks: Hooks<N> = {},
): Promise<ResultOf<N>> => request({ name, params }, hooks);

/** A wish, carried out once. */
export const act = <N extends Change>(name: N, params: ParamsOf<N>, hooks: Hooks<N> = {}): Promise<ResultOf<N>> =>
  request({ name, params, wishId: newId() }, hooks);

export interface Following<N extends RequestName> {
  name: N;
  /** Asked again before each attempt, so that a cursor can go on where it was. */
  params(): ParamsOf<N>;
  onItem(data: unknown): void;
  onRing?(text: string): void;
  onError?(error: Error): void;
}

/** Follows a stream, and goes on with it after each lost connection, until it is told to stop. */
export function follow<N extends RequestName>({ name, params, onItem, onRing, onError }: Following<N>): () => void {
  const over = new AbortController();
  const run = async () => {
    while (!over.signal.aborted && connection.value.kind !== "locked") {
      try {
        const hooks = { onItem, signal: over.signal, ...(onRing === undefined ? {} : { onRing }) };
        const outcome = await call<N>({ transport, caller: callerOf() }, { name, params: params() }, hooks);
        if (!outcome.ok && outcome.error !== null) {
          onError?.(new Refused(outcome.error));
          return;
        }
      } catch (error) {
        if (error instanceof Unauthorized) return;
      }
      if (!over.signal.aborted) await retryPause();
    }
  };
  void run();
  return () => over.abort();
}

/** After a login. */
export function unlock(): void {
  attempt = 0;
  connection.value = { kind: "connecting" };
}
