import type { Viewer } from "../model/accounts.ts";
import type { Answer, Urls } from "./call.ts";
import type { Refusal } from "./failure.ts";
import type { LoggedRequest, Surface } from "./log.ts";

/** What a surface makes of a request: an answer, and what it takes from the budget. */
export interface Served extends Answer {
  cost: number;
}

export interface Exchange {
  viewer: Viewer;
  urls: Urls;
  path: string;
  log: LoggedRequest;
}

/** Serves REST or GraphQL. The budget that it takes from is known before it runs. */
export type Serve = (exchange: Exchange) => Promise<Served>;

export interface Surfaces {
  rest: Serve;
  graphql: Serve;
  /** Logs and archives, which need no credentials. `null` for what is not there. */
  storage: (path: string) => { type: string; body: Buffer } | null;
}

/** A refusal as an answer. A spent budget is 200 with an error in GraphQL. */
export function refused(error: Refusal, surface: Surface): Served {
  const { status, headers, body } = error;
  if (surface === "graphql" && error.type === "RATE_LIMITED") {
    return { status: 200, headers, body: { errors: [{ type: "RATE_LIMITED", message: error.message }] }, cost: 0 };
  }
  return { status, headers, body, cost: status === 401 || status === 403 || status === 429 ? 0 : 1 };
}
