import { type MemoryWorld, type MemoryWorldOptions, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";
import type { SessionRecord } from "../../model/session.ts";
import type { Store } from "../../store/store.ts";
import { type MemFs, memFs } from "../../store/testing/mem-fs.ts";
import { openMem } from "../../store/testing/sample.ts";
import { createEngine, type Engine } from "../engine.ts";
import type { NewFact } from "../mailbox.ts";
import { type Observers, startObservers } from "../observers.ts";
import { createPerform } from "../perform.ts";
import type { World } from "../world.ts";

/** An engine over a world in memory and a real store, whose files are in memory too. */
export interface Rig {
  world: MemoryWorld;
  disk: MemFs;
  store: Store;
  engine: Engine;
  observers: Observers | null;
  /** A session of `issue`, as `ao spawn` adds it. */
  spawn(id: string, changes?: Partial<SessionRecord>): Promise<void>;
  tell(id: string, ...facts: NewFact[]): Promise<void>;
  /** Lets time pass, with everything that happens in it. */
  pass(ms: number): Promise<void>;
  session(id: string): SessionRecord;
  /** Events of the log, without internal records. */
  events(): string[];
}

export interface RigOptions extends Partial<MemoryWorldOptions> {
  isObserved?: boolean;
}

export function newSession(world: World, id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = new Date(world.clock.now()).toISOString();
  const times = { createdAt: now, statusSince: now, lastActivityAt: now };
  const task = { issue: null, prompt: `work on ${id}` };
  return aRecord({ id, ...times, task, runtime: "memory", agent: "memory", branch: `feat/${id}`, ...changes });
}

export async function rig(options: RigOptions = {}): Promise<Rig> {
  const world = memoryWorld({ home: tempDir("ao-rig"), ...options });
  const disk = memFs();
  const store = openMem(disk, { clock: world.clock, segmentBytes: 1 << 16 });
  const engine = createEngine({ store, world, perform: createPerform(world, () => store.state) });
  const observers = options.isObserved === false ? null : startObservers(engine, world);
  onTestFinished(async () => {
    const ended = Promise.all([engine.stop(), observers?.stop()]);
    await world.clock.pass(30_000);
    await ended;
    store.close();
  });
  const self: Rig = {
    world,
    disk,
    store,
    engine,
    observers,
    async spawn(id, changes) {
      const record = newSession(world, id, changes);
      const added = engine.change((state) => ({ state: { ...state, sessions: { ...state.sessions, [id]: record } } }));
      await Promise.all([added, world.clock.pass(0)]);
      await world.clock.pass(0);
    },
    async tell(id, ...facts) {
      engine.tell(id, facts);
      await world.clock.pass(0);
    },
    pass: (ms) => world.clock.pass(ms),
    session(id) {
      const record = engine.state.sessions[id];
      if (record === undefined) throw new Error(`no session ${id}`);
      return record;
    },
    events: () => [...store.log.read({ filter: { isPublic: true } })].map(({ type }) => String(type)),
  };
  return self;
}
