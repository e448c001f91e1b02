import { setTimeout as sleep } from "node:timers/promises";
import type { CallHooks } from "@agent-orchestrator/core/protocol/client";
import type { ParamsOf, RequestName, Requests } from "@agent-orchestrator/daemon/requests";
import { type Asking, askOnce, makeWish, throwRefusal } from "./ask.ts";
import { daemonAnswers, type Place } from "./connect.ts";

export interface Following<N extends RequestName> extends Omit<Asking<N>, "params"> {
  /** Called for each connection, to say where to continue. */
  params(): ParamsOf<N>;
  hooks: FollowHooks<N>;
}

export type FollowHooks<N extends RequestName> = CallHooks<Requests[N]> & {
  /** The daemon ended, or the connection to it. */
  onLost?(): void;
};

const LOOK_MS = 250;

/**
 * A stream that survives a daemon that is replaced, stopped and started again. Only the first connection starts a
 * daemon, since a later start would undo `ao stop`. Ends with an error or by the signal.
 */
export async function followDaemon<N extends RequestName>(place: Place, following: Following<N>): Promise<never> {
  const { signal } = following.hooks;
  let isFirst = true;
  for (;;) {
    if (isFirst || (await daemonAnswers(place))) {
      const asking = { ...following, params: following.params() };
      const outcome = await askOnce(place, { asking, wish: await makeWish(place, asking), mayStart: isFirst });
      if (!outcome.ok && outcome.error !== null) throwRefusal(outcome.error);
      if (!outcome.ok) following.hooks.onLost?.();
      isFirst = false;
    }
    await sleep(LOOK_MS, undefined, signal === undefined ? {} : { signal });
  }
}
