import type { lookup } from "node:dns";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { Dispatcher } from "undici";
import type { BudgetReport } from "./budget.ts";

export interface HttpOptions {
  /** How messages call the service: "GitHub". */
  name: string;
  clock: Clock;
  log: Log;
  /** `context.env`: proxy variables and NODE_EXTRA_CA_CERTS are read from it. */
  env(): Readonly<Record<string, string | undefined>>;
  /**
   * Where the user's config points, such as `https://ghe.corp/api/v3`. Only these may be in a private network, only they get
   * credentials, and only their answers are kept and change the budget.
   */
  origins: readonly string[];
  /** Tokens to take out of errors and logs. */
  secrets?(): readonly string[];
  /** Resolves names. Default: as the system does. */
  lookUp?: typeof lookup;
  /** A file with certificates (PEM) to trust in addition. */
  ca?: string;
  /** Also follow a redirect into a private network. Default false. */
  allowPrivate?: boolean;
  /** Also send in plain http to other machines. Default false. */
  allowPlain?: boolean;
  /** For one attempt, connecting and the whole body included. Default 15 s. */
  attemptMs?: number;
  /** For everything together: attempts, waits and redirects. Default 45 s. */
  deadlineMs?: number;
  /** Of an answer's body, unpacked. Default 16 MiB. */
  maxBytes?: number;
  /** Attempts after the first. Default 3. */
  retries?: number;
  /** Requests at a time. The others wait. Default 8. */
  concurrency?: number;
  /** Before the first repetition. It doubles with each, up to eight seconds. Default half a second. */
  pauseMs?: number;
  /** Whether a request other than GET, HEAD, OPTIONS, PUT and DELETE does no harm if it is sent twice, such as a GraphQL query. */
  isSafe?(request: { method: string; url: URL; body: string | null }): boolean;
  /** Keeps answers with an ETag or Last-Modified in this folder, and asks for them with a condition. `seal`: `context.seal`. */
  store?: { dir: string; maxBytes?: number; seal?(text: string): string };
  /** What part of each quota is left to others. Default 0.2. */
  reservedShare?: number;
  /** Which quota a request counts against. Default "core". */
  resourceOf?(request: { method: string; url: URL }): string;
}

/** The platform's `fetch`, as far as clients of APIs use it: the body of a request is text or bytes. */
export type Fetch = (input: string | URL | { url: string }, init?: RequestInit) => Promise<Response>;

export interface Http {
  /**
   * Like the platform's `fetch`, with everything above. The answer's body is complete. A status of 400 or more is an answer, after
   * the retries that make sense. Whatever is not an answer is thrown as an AoError (see `httpFailure`), or as the reason of `init.signal`.
   */
  fetch: Fetch;
  /** The same for one who wants the body only. Throws for a status of 400 or more. */
  json(url: string | URL, init?: RequestInit): Promise<unknown>;
  /** How an SDK opens a web socket to this address: through the proxy, with the certificates. Null for a plain connection. */
  dispatcherTo(url: URL): Promise<Dispatcher | null>;
  budget(): BudgetReport;
  /** How long a request would have to wait now. 0 if it may be sent. */
  waitMs(resource?: string): number;
  /** Closes idle connections. */
  close(): Promise<void>;
}

export const DEFAULTS = {
  attemptMs: 15_000,
  deadlineMs: 45_000,
  maxBytes: 16 << 20,
  retries: 3,
  pauseMs: 500,
  concurrency: 8,
  storeBytes: 32 << 20,
  reservedShare: 0.2,
} as const;
