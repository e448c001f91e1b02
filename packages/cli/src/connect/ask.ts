import { setTimeout as sleep } from "node:timers/promises";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallHooks, Outcome, Transport } from "@agent-orchestrator/core/protocol/client";
import type { Caller, WireError } from "@agent-orchestrator/core/protocol/frames";
import type { ParamsOf, RequestName, Requests } from "@agent-orchestrator/daemon/requests";
import type { Answer } from "../command.ts";
import { call } from "./call.ts";
import { callerOf, ensureDaemon, findDaemon, type Place } from "./connect.ts";
import { CHANGES, WITHOUT_ENV } from "./request-traits.ts";
import { NotListening } from "./transport.ts";

export interface Asking<N extends RequestName> {
  name: N;
  params: ParamsOf<N>;
  hooks: CallHooks<Requests[N]>;
  configPath: string | undefined;
  /** Prints one line for the user. */
  say(line: string): void;
}

const ATTEMPTS = 4;

/**
 * Asks until there is an answer. Starts a daemon if there is none, and repeats the request after a lost connection. The id
 * of the wish tells the daemon that it has seen it before.
 */
export async function askDaemon<N extends RequestName>(place: Place, asking: Asking<N>): Promise<Answer<N>> {
  const wish = await makeWish(place, asking);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await askOnce(place, { asking, wish, mayStart: true });
    if (outcome.ok) return { data: outcome.data, meta: outcome.meta };
    if (outcome.error !== null) throwRefusal(outcome.error);
    if (attempt === 1) asking.say("lost the connection to the daemon, trying again");
    await sleep(attempt * 50);
  }
  throw new AoError("TRY_AGAIN", "the daemon stopped several times before it answered", {
    hint: "Check with `ao status` whether it was done. `ao logs` shows why the daemon stopped.",
  });
}

export function throwRefusal({ code, message, hint, details }: WireError): never {
  throw new AoError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

/** Asks over one connection. */
export async function askOnce<N extends RequestName>(
  place: Place,
  { asking, wish, mayStart }: { asking: Asking<N>; wish: Wish; mayStart: boolean },
): Promise<Outcome<Requests[N]>> {
  const first = await findDaemon(place, asking.say);
  if (first !== null) {
    try {
      return await callOver({ transport: first, place }, { asking, wish });
    } catch (error) {
      if (!(error instanceof NotListening)) throw error;
    }
  }
  if (!mayStart) return { ok: false, error: null };
  await ensureDaemon(place);
  const started = await findDaemon(place, asking.say);
  try {
    return started === null
      ? { ok: false, error: null }
      : await callOver({ transport: started, place }, { asking, wish });
  } catch (error) {
    if (error instanceof NotListening) return { ok: false, error: null };
    throw error;
  }
}

function callOver<N extends RequestName>(
  { transport, place }: { transport: Transport; place: Place },
  { asking, wish }: { asking: Asking<N>; wish: Wish },
): Promise<Outcome<Requests[N]>> {
  return call(
    { transport, caller: { ...wish, ...callerOf(place) } },
    { name: asking.name, params: asking.params },
    asking.hooks,
  );
}

/** What stays the same over all attempts. Who asks is said anew in each, because each daemon has its own token. */
type Wish = Omit<Caller, keyof ReturnType<typeof callerOf>>;

export async function makeWish<N extends RequestName>(
  { io }: Place,
  { name, configPath }: Pick<Asking<N>, "name" | "configPath">,
): Promise<Wish> {
  return {
    ...(configPath === undefined ? {} : { configPath }),
    ...(Object.hasOwn(WITHOUT_ENV, name) ? {} : { env: io.env }),
    ...(Object.hasOwn(CHANGES, name) ? { wishId: await newWishId() } : {}),
  };
}

async function newWishId(): Promise<string> {
  const { newId } = await import("@agent-orchestrator/core/host/ids");
  return newId();
}
