import type { SessionRecord } from "../model/session.ts";
import { observeProcess } from "../observe/process.ts";
import type { Engine } from "./engine.ts";
import { createGapWatch } from "./gap.ts";
import type { World } from "./world.ts";

export interface ProcessWatch {
  /** Checks each program once, now. */
  lookAtAll(): Promise<void>;
}

interface Around {
  signal: AbortSignal;
  /** Takes what fails in the background. */
  quietly(work: Promise<void>): Promise<void>;
  /** Its runtime reports the end of this session's program by itself. */
  isPushed(sessionId: string): boolean;
  /** The machine has slept. */
  onSleep(): void;
}

const EVERY_MS = 2_000;
/** Programs whose end is reported take turns: each is looked at in one of so many rounds. */
const PUSHED_EVERY = 15;

export const isWatched = ({ launch: { last }, isArchived }: SessionRecord): boolean =>
  last !== null && last.handle !== null && last.exit === null && !isArchived;

/** Checks whether the sessions' programs still run: those that nobody reports on in each round, the others as a safety net. */
export function createProcessWatch(engine: Engine, world: World, around: Around): ProcessWatch {
  const { signal, quietly, isPushed, onSleep } = around;
  let round = 0;

  async function look(isDue: (record: SessionRecord, at: number) => boolean): Promise<void> {
    const alive = Object.values(engine.state.sessions).filter(isWatched).filter(isDue);
    await Promise.all(alive.map((record) => quietly(lookAt(record))));
  }

  async function lookAt(record: SessionRecord): Promise<void> {
    const { last: launch } = record.launch;
    if (launch === null) return;
    const runtime = await world.plugins(record).runtime();
    const facts = await observeProcess({ runtime, launch, clock: world.clock, signal });
    if (facts.length > 0) engine.tell(record.id, facts);
  }

  const lookInTurns = (): Promise<void> => {
    round += 1;
    return look(({ id }, at) => !isPushed(id) || at % PUSHED_EVERY === round % PUSHED_EVERY);
  };

  /** Works, then sleeps. A round that took far longer by the wall clock than by the monotonic one means that the machine slept. */
  async function keepLooking(): Promise<void> {
    const { clock } = world;
    const gapSince = createGapWatch(clock);
    while (!signal.aborted) {
      const before = clock.monotonic();
      await clock.sleep(EVERY_MS, signal);
      const overslept = clock.monotonic() - before - EVERY_MS;
      // A look that takes long is not a sleep. The runtime is slow, and both clocks see time pass.
      await lookInTurns();
      if (!gapSince(overslept).isGap) continue;
      engine.restartWatch("sleep");
      onSleep();
    }
  }

  void quietly(keepLooking());
  return { lookAtAll: () => look(() => true) };
}
