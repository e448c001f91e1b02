import type { z } from "zod";
import type { DaemonRequest, Effect } from "./define-request.ts";
import { handlers } from "./handlers.ts";

type Handlers = typeof handlers;

/** The name of a request is that of its file in `handlers`. */
export type RequestName = keyof Handlers;

type TypesOf<H> =
  H extends DaemonRequest<Effect, infer P, infer R, infer M> ? { params: z.infer<P>; result: R; meta: M } : never;

/** The daemon's whole API: request name → parameters, result and meta, inferred from the declarations. */
export type Requests = { [N in RequestName]: TypesOf<Handlers[N]> };

export type ParamsOf<N extends RequestName> = Requests[N]["params"];
export type ResultOf<N extends RequestName> = Requests[N]["result"];
export type MetaOf<N extends RequestName> = Requests[N]["meta"];

/** The requests that change something. */
export type Change = { [N in RequestName]: Handlers[N]["effect"] extends "change" ? N : never }[RequestName];

export const isRequest = (name: string): name is RequestName => Object.hasOwn(handlers, name);
