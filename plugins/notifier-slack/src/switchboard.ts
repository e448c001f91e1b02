import type { Log } from "@agent-orchestrator/core/slots/common";
import type { Arrived, Reception } from "./reception.ts";

/** Slack sends each act to any one of an app's connections, so whichever gets it finds out whose it is. */
export interface Switchboard {
  /** Until the returned function is called. */
  join(reception: Reception): () => void;
  /** Acknowledges it, and passes it on. */
  take(arrived: Arrived): Promise<void>;
}

/** Of each daemon, by the app's token. */
const BOARDS = new WeakMap<Log, Map<string, Switchboard>>();

/** Shared by all notifiers of a daemon that use the same app. */
export function openSwitchboard(log: Log, app: string): Switchboard {
  const boards = BOARDS.get(log) ?? new Map<string, Switchboard>();
  BOARDS.set(log, boards);
  const board = boards.get(app) ?? createSwitchboard();
  boards.set(app, board);
  return board;
}

function createSwitchboard(): Switchboard {
  const receptions = new Set<Reception>();
  return {
    join(reception) {
      receptions.add(reception);
      return () => receptions.delete(reception);
    },
    async take(arrived) {
      // A socket that has just closed can't take it. Slack then sends it again, and it is known.
      await arrived.ack().catch(() => undefined);
      const all = [...receptions].flatMap((reception) => {
        const found = reception.read(arrived);
        return found === null ? [] : [{ reception, found }];
      });
      // If the config that it was sent under is gone, the one that replaced it decides.
      const one = all.find(({ found }) => found.isOwn) ?? all[0];
      await one?.reception.handle(one.found);
    },
  };
}
