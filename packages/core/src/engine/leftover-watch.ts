import { leftFact, processesSince, stillRunning, toLeft } from "../act/left-running.ts";
import { wantsLeftRunning } from "../decide/left-running.ts";
import { toAoError } from "../model/errors.ts";
import type { LeftProcess } from "../model/left-running.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Engine } from "./engine.ts";
import type { World } from "./world.ts";

export interface LeftoverWatch {
  /** Begins to look at the processes of this session if a tool call of it may have left some running. */
  follow(record: SessionRecord): void;
}

/** An agent that ends its tools itself has done so by then. */
const FIRST_LOOK_MS = 2_000;
/** How often to look whether what was left running still does. */
const LOOK_MS = 5_000;

/** Looks at processes only of sessions whose tool call was cut, and for as long as something of it runs. */
export function createLeftoverWatch(engine: Engine, world: World, signal: AbortSignal): LeftoverWatch {
  const followed = new Set<string>();

  async function watch(id: string): Promise<void> {
    let [seen, pauseMs] = [await cutBy(id), FIRST_LOOK_MS];
    for (;;) {
      await world.clock.sleep(pauseMs, signal);
      const record = engine.state.sessions[id];
      if (record === undefined || !wantsLeftRunning(record)) return;
      // Another turn was cut meanwhile.
      if (record.cutTool && pauseMs !== FIRST_LOOK_MS) seen = await cutBy(id);
      await look(record, seen);
      [seen, pauseMs] = [[], LOOK_MS];
    }
  }

  /** What the cut tool call has at this moment. A part of it ends by itself. */
  async function cutBy(id: string): Promise<LeftProcess[]> {
    const record = engine.state.sessions[id];
    const handle = record?.launch.last?.handle;
    if (!record?.cutTool || !handle) return [];
    const runtime = await world.plugins(record).runtime();
    return toLeft(await processesSince({ runtime, handle, signal }, record.cutTool.beganAt));
  }

  async function look(record: SessionRecord, seen: readonly LeftProcess[]): Promise<void> {
    const { cutTool } = record;
    const { last: launch } = record.launch;
    const handle = launch?.handle;
    if (!launch || !handle) return;
    const known = record.leftRunning?.processes ?? [];
    const fresh = seen.filter(({ pid }) => !known.some((each) => each.pid === pid));
    const runtime = await world.plugins(record).runtime();
    const left = await stillRunning({ runtime, handle, signal }, [...known, ...fresh]);
    if (cutTool || left.length !== known.length) engine.tell(record.id, [leftFact(launch.number, left)]);
  }

  return {
    follow({ id, ...record }) {
      if (followed.has(id) || !wantsLeftRunning({ id, ...record })) return;
      followed.add(id);
      watch(id)
        .catch((error: unknown) => {
          if (!signal.aborted) world.log.warn(`the processes of ${id}: ${toAoError(error).message}`);
        })
        .finally(() => followed.delete(id));
    },
  };
}
