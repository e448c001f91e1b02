import type { Resource } from "./limits.ts";

export type Surface = "rest" | "graphql" | "git" | "storage";

/** One request as the counterpart saw it. */
export interface LoggedRequest {
  /** Milliseconds since the epoch, by this GitHub's clock. */
  at: number;
  surface: Surface;
  method: string;
  /** With query, without the base. */
  path: string;
  /** The OpenAPI path of a REST call. */
  template: string | null;
  /** A GraphQL query's text and variables. */
  query: string | null;
  variables: Record<string, unknown> | null;
  body: unknown;
  headers: Record<string, string>;
  login: string | null;
  /** 0 while there is no answer. */
  status: number;
  /** What it took from a budget: 0 for a 304. */
  counted: number;
  resource: Resource | null;
  fault: string | null;
}
