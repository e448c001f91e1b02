import { AoError } from "@agent-orchestrator/core/model/errors";
import type { z } from "zod";
import type { App, Call } from "./app.ts";

/** Who may ask. `everyone`: any process of this user. `own`: also an agent, for its own session. */
export type Access = "user" | "own" | "everyone";

/**
 * `change`: a wish, which has an id and is carried out once under it, however often it is asked for again after a lost
 * connection. `look`: changes nothing.
 */
export type Effect = "change" | "look";

interface Rules<E extends Effect, P extends z.ZodObject> {
  access: Access;
  effect: E;
  /** It is of use only in the user's terminal, so the dashboard may not ask for it. */
  needsTerminal?: true;
  /** False: a command does not send its environment along. */
  needsEnv?: false;
  params: P;
}

/** A result of type `R` that is JSON text already. It is sent without being parsed. */
export class Json<R> {
  readonly text: Uint8Array;

  constructor(text: Uint8Array) {
    this.text = text;
  }

  parsed(): R {
    return JSON.parse(new TextDecoder().decode(this.text)) as R;
  }
}

export interface Reply<R, M> {
  data: R | Json<R>;
  meta?: M;
}

/** One request of the daemon's API, as its file in `handlers` declares it. */
export interface DaemonRequest<E extends Effect, P extends z.ZodObject, R, M> extends Rules<E, P> {
  /** Parses what a caller sent, and returns what is to be done. Throws USAGE. */
  accept(name: string, sent: unknown): (app: App, call: Call) => Promise<Reply<R, M>>;
}

type Run<P extends z.ZodObject, R, M> = (app: App, params: z.infer<P>, call: Call) => Promise<Reply<R, M>>;

/** Declares a request. `returns` takes the type of its result (and of its meta, if it has one) and the function that carries it out. */
export function defineRequest<E extends Effect, P extends z.ZodObject>(rules: Rules<E, P>) {
  return {
    returns: <R, M = Record<string, unknown>>(run: Run<P, R, M>): DaemonRequest<E, P, R, M> => ({
      ...rules,
      accept(name, sent) {
        const params = parse(name, rules.params, sent);
        return (app, call) => run(app, params, call);
      },
    }),
  };
}

function parse<P extends z.ZodObject>(name: string, schema: P, sent: unknown): z.infer<P> {
  const parsed = schema.safeParse(sent);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new AoError("USAGE", `${name}: ${first?.path.join(".") ?? ""}: ${first?.message ?? "not understood"}`);
}
