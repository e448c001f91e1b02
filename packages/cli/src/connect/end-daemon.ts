import { setTimeout as sleep } from "node:timers/promises";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { DaemonInfo } from "@agent-orchestrator/core/protocol/results";
import { isRunning, type ProcessRef, signalProcess } from "@agent-orchestrator/plugin-kit/process";
import { type Place, pingDaemon } from "./connect.ts";
import { lockOwner } from "./lock-owner.ts";

/** A daemon that was continued, or whose socket was removed, can be asked again within this time. */
const BACK_WITHIN_MS = 5_000;
/** A daemon that was told to end lets effects under way finish for up to 20 s. */
const ENDS_WITHIN_MS = 25_000;
const KILLED_WITHIN_MS = 5_000;
const LOOK_MS = 50;

type Say = (line: string) => void;

/**
 * Makes a daemon that holds the lock but does not answer able to answer. Null if none holds the lock, or if it still does not
 * answer: then `ended` says whether it was ended by a signal.
 */
export async function reachDaemon(place: Place, say: Say): Promise<{ info: DaemonInfo | null; ended: boolean }> {
  const owner = lockOwner(place.home);
  if (owner === null) return { info: null, ended: false };
  mustBeUser(place);
  if (owner.isStopped) {
    say(`a signal had stopped the daemon (pid ${owner.pid}), it is continued`);
    signalProcess(owner, "SIGCONT");
  }
  const info = await backSoon(place, owner);
  if (info === null) await endBySignal(place, owner, say);
  return { info, ended: info === null };
}

/** Signals are sent for the user only: an agent's `ao stop` is refused by the daemon, and may not get further without one. */
function mustBeUser({ io }: Place): void {
  if ((io.env.AO_SESSION_ID ?? "") === "") return;
  throw new AoError("NOT_PERMITTED", "an agent must not end the daemon", {
    hint: "Only the user can, from their own terminal.",
  });
}

async function backSoon(place: Place, owner: ProcessRef): Promise<DaemonInfo | null> {
  const end = place.io.now() + BACK_WITHIN_MS;
  while (isRunning(owner) && place.io.now() < end) {
    const info = await pingDaemon(place);
    if (info !== null) return info;
    await sleep(LOOK_MS);
  }
  return null;
}

async function endBySignal(place: Place, owner: ProcessRef, say: Say): Promise<void> {
  say(`the daemon (pid ${owner.pid}) does not answer, so it is told to end by SIGTERM`);
  signalProcess(owner, "SIGTERM");
  if (await isGone(place, owner, ENDS_WITHIN_MS)) return;
  say(`the daemon (pid ${owner.pid}) did not end, so it is ended by SIGKILL`);
  signalProcess(owner, "SIGKILL");
  if (await isGone(place, owner, KILLED_WITHIN_MS)) return;
  throw new AoError("UNREACHABLE", `the daemon (pid ${owner.pid}) cannot be ended`, {
    hint: "The kernel does not let it go, as while a disk does not answer. Look at it with `ps`.",
    details: { pid: owner.pid },
  });
}

async function isGone({ io }: Place, owner: ProcessRef, limitMs: number): Promise<boolean> {
  const end = io.now() + limitMs;
  while (isRunning(owner)) {
    if (io.now() > end) return false;
    await sleep(LOOK_MS);
  }
  return true;
}
