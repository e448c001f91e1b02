import { type MemoryWorld, type MemoryWorldOptions, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";
import type { NewSession } from "../../model/command.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { Store } from "../../store/store.ts";
import { type MemFs, memFs } from "../../store/testing/mem-fs.ts";
import { openMem } from "../../store/testing/sample.ts";
import { createEngine, type Engine } from "../engine.ts";
import type { NewFact } from "../mailbox.ts";
import { type Observers, startObservers } from "../observers.ts";
import { createPerform } from "../perform.ts";

/** An engine over a world in memory and a real store, whose files are in memory too. */
export interface Rig {
  world: MemoryWorld;
  disk: MemFs;
  store: Store;
  engine: Engine;
  observers: Observers | null;
  /** Adds a session as `ao spawn` does. Its id is the next one. */
  spawn(id: string, changes?: Partial<NewSession>): Promise<void>;
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

/** What `ao spawn` would ask for, with a branch of this id. */
export function newSession(id: string, changes: Partial<NewSession> = {}): NewSession {
  const { instanceId, projectId } = aRecord();
  return {
    ...{ instanceId, projectId, prefix: "app", issue: null, prompt: `work on ${id}`, isAgain: false },
    ...{ agent: "memory", agentOptions: {}, runtime: "memory", workspace: "worktree", branch: `feat/${id}` },
    ...{ useExistingBranch: false, baseBranch: null, takenPr: null, after: [], ports: 0 },
    ...changes,
  };
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
      const added = engine.command({ kind: "spawn", sessions: [newSession(id, changes)], wish: null });
      const [{ ids }] = await Promise.all([added, world.clock.pass(0)]);
      if (ids[0] !== id) throw new Error(`this is ${ids[0]}`);
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
