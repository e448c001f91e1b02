import type { Fault } from "@agent-orchestrator/testkit/memory/faults";
import { type MemoryWorld, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import type { SessionRecord } from "../../model/session.ts";
import { memFs } from "../../store/testing/mem-fs.ts";
import { type Cast, cast } from "./cast.ts";
import { invariantsOf, unrestOf } from "./invariants.ts";
import { boot, type Daemon, type Disk } from "./mortal.ts";
import { type Random, random } from "./random.ts";
import { newSession } from "./rig.ts";
import { wishOf } from "./wishes.ts";

export interface Outcome {
  seed: number;
  /** What was wrong, in order. Empty if nothing was. */
  wrong: string[];
  crashes: number;
  steps: number;
  /** What happened, for finding the reason. */
  story: string[];
  calmHours: number;
}

export interface Sim {
  world: MemoryWorld;
  disk: Disk;
  daemon: Daemon | null;
  /** The state as last seen, while no daemon runs. */
  sessions(): Record<string, SessionRecord>;
  cast: Cast;
  chance: Random;
  story: string[];
  wrong: string[];
  spawned: number;
  sent: number;
  crashes: number;
}

const HOUR_MS = 3_600_000;
const CALM_HOURS = 4;
const STEP_MS = 20_000;

/** A whole life of an orchestrator with random requests and faults, then a quiet period, then the checks. */
export async function simulate(seed: number, options: { home: string; steps: number }): Promise<Outcome> {
  const sim = begin(seed, options.home);
  up(sim);
  await sim.world.clock.pass(100);
  for (let step = 0; step < options.steps && sim.wrong.length === 0; step++) {
    happen(sim);
    await sim.world.clock.pass(sim.chance.pick([0, 50, 500, 2_500, 15_000, 40_000]) ?? 0);
    sim.cast.act();
    await sim.world.clock.pass(0);
    restartIfPoisoned(sim);
    sim.wrong.push(...invariantsOf(sim));
  }
  const calmHours = sim.wrong.length === 0 ? await calm(sim) : 0;
  sim.daemon?.kill();
  return { seed, wrong: sim.wrong, crashes: sim.crashes, steps: options.steps, story: sim.story, calmHours };
}

const FAULTS: readonly Fault[] = ["fail", "cannot-tell", "cannot-tell", "late", "slow", "hang", "deaf"];

function begin(seed: number, home: string): Sim {
  const chance = random(seed);
  const world = memoryWorld({
    home,
    maxSessions: chance.chance(0.5) ? 3 : 10,
    agent: {
      lifetime: chance.chance(0.25) ? "per-turn" : "interactive",
      receipts: chance.chance(0.5) ? "always" : "never",
      promptDelivery: chance.chance(0.3) ? "post-launch" : "inline",
    },
    scm: { requiredChecks: chance.chance(0.7) ? ["test"] : [], isFree: chance.chance(0.3) },
  });
  // One in so many calls fails.
  const rate = chance.pick([0, 0.02, 0.08, 0.2]) ?? 0;
  world.faults.chance = () => (chance.chance(rate) ? (chance.pick(FAULTS) ?? null) : null);
  let last: Record<string, SessionRecord> = {};
  const sim: Sim = {
    world,
    disk: { files: memFs(), isFull: false },
    daemon: null,
    sessions() {
      last = sim.daemon?.engine.state.sessions ?? last;
      return last;
    },
    cast: cast(world, chance),
    chance,
    story: [],
    wrong: [],
    spawned: 0,
    sent: 0,
    crashes: 0,
  };
  return sim;
}

function tellStory(sim: Sim, line: string): void {
  sim.story.push(`${new Date(sim.world.clock.now()).toISOString()} ${line}`);
}

function up(sim: Sim): void {
  const onType = (sessionId: string, messageId: string) => {
    const state = sim.sessions()[sessionId]?.activity?.state;
    if (state === "waiting_input" || state === "blocked") {
      sim.wrong.push(`${messageId} was typed into an open question of ${sessionId}`);
    }
  };
  try {
    sim.daemon = boot(sim.world, sim.disk, onType);
    tellStory(sim, "daemon up");
  } catch (error) {
    tellStory(sim, `daemon did not start: ${String(error)}`);
    if (!sim.disk.isFull) sim.wrong.push(`the daemon did not start: ${String(error)}`);
  }
}

function crash(sim: Sim): void {
  if (sim.daemon === null) return;
  sim.sessions();
  sim.daemon.kill();
  sim.daemon = null;
  sim.crashes += 1;
  tellStory(sim, "daemon killed");
}

/** A log that could not be synced accepts nothing more. A user would run `ao restart`. */
function restartIfPoisoned(sim: Sim): void {
  if (sim.daemon?.store.poisonedBy === null || sim.daemon === null) return;
  crash(sim);
  if (!sim.disk.isFull) up(sim);
}

const DEEDS = {
  nothing: 8,
  spawn: 4,
  send: 6,
  sendNow: 1,
  kill: 1,
  remove: 0.7,
  restore: 1.5,
  approve: 3,
  requestChanges: 1,
  merge: 3,
  closePr: 0.2,
  ci: 6,
  pause: 0.5,
  resume: 2,
  type: 0.5,
  interrupt: 0.3,
  answer: 3,
  handoff: 0.4,
  report: 0.6,
  crash: 1,
  up: 4,
  tmuxDies: 0.2,
  diskFull: 0.4,
  diskFree: 1.5,
  mute: 0.4,
  unmute: 1,
  suspend: 0.2,
  clockBack: 0.1,
};

function happen(sim: Sim): void {
  const { world, chance, disk } = sim;
  const deed = chance.weighted(DEEDS);
  const records = Object.values(sim.sessions());
  const record = chance.pick(records);
  const pr = chance.pick(world.scm.prs.filter(({ state }) => state === "open"));
  if (sim.daemon === null && deed !== "up" && chance.chance(0.3)) up(sim);
  tellStory(sim, `${deed} ${record?.id ?? ""}`);
  switch (deed) {
    case "nothing":
      return;
    case "up":
      if (sim.daemon === null) up(sim);
      return;
    case "crash":
      crash(sim);
      return;
    case "tmuxDies":
      world.runtime.dieAll();
      return;
    case "diskFull":
    case "diskFree":
      disk.isFull = deed === "diskFull";
      return;
    case "mute":
    case "unmute":
      world.runtime.isMuted = deed === "mute";
      return;
    case "suspend":
    case "clockBack":
      world.clock.setWall(world.clock.now() + (deed === "suspend" ? 8 * HOUR_MS : -HOUR_MS));
      return;
    case "approve":
    case "requestChanges":
      if (pr !== undefined) review(sim, pr.info, deed === "approve" ? "approved" : "changes_requested");
      return;
    case "closePr":
      if (pr !== undefined) pr.state = "closed";
      return;
    case "ci":
      if (pr !== undefined)
        world.scm.report(pr.info.branch, { name: "test", isPassing: chance.chance(0.6), log: "no" });
      return;
    case "type":
      if (record !== undefined) world.runtime.type(record.id);
      return;
    case "spawn":
      if (sim.spawned < 5) spawn(sim);
      return;
    default:
      if (record !== undefined) wish(sim, record, deed);
  }
}

function review(sim: Sim, info: { number: number }, state: "approved" | "changes_requested"): void {
  const pr = sim.world.scm.prs.find((each) => each.info.number === info.number);
  if (pr === undefined) return;
  const comments = state === "approved" ? [] : [{ path: "a.txt", line: 1, body: "please" }];
  const { signal } = new AbortController();
  void sim.world.scm.submitReview(pr.info, { state, body: "", comments }, { signal }).catch(() => undefined); // At random.
}

function spawn(sim: Sim): void {
  if (sim.daemon === null) return;
  sim.spawned += 1;
  const { engine } = sim.daemon;
  const id = `app-${sim.spawned}`;
  const before = sim.spawned > 1 && sim.chance.chance(0.3) ? `app-${sim.spawned - 1}` : null;
  const after = before === null ? [] : [{ session: before, issue: null, by: "user" as const, metAt: null }];
  // A full disk refuses it, and then there is no such session.
  engine.command({ kind: "spawn", sessions: [newSession(id, { after })], wish: null }).catch(() => undefined);
}

function wish(sim: Sim, record: SessionRecord, deed: string): void {
  const fact = wishOf(sim, record, deed);
  if (fact !== null) sim.daemon?.engine.tell(record.id, [fact]);
}

/** Faults stop, checks pass, agents end their turns. Everything settles within some hours, or it never will. */
async function calm(sim: Sim): Promise<number> {
  const { world, disk } = sim;
  tellStory(sim, "calm");
  world.faults.chance = null;
  world.runtime.isMuted = false;
  disk.isFull = false;
  sim.cast.calm();
  if (sim.daemon === null) up(sim);
  await world.clock.pass(5_000);
  for (const { id } of Object.values(sim.sessions()))
    sim.daemon?.engine.tell(id, [{ kind: "wish-pause", isPaused: false }]);
  let unrest: string[] = [];
  for (let passed = 0; passed < CALM_HOURS * HOUR_MS; passed += STEP_MS) {
    sim.cast.act();
    for (const { info, state } of world.scm.prs) {
      const isPending =
        state === "open" &&
        (await world.scm.getCISummary(info, { signal: new AbortController().signal })) === "pending";
      if (isPending) world.scm.report(info.branch, { name: "test", isPassing: true });
    }
    await world.clock.pass(STEP_MS);
    restartIfPoisoned(sim);
    sim.wrong.push(...invariantsOf(sim));
    unrest = unrestOf(sim);
    if (unrest.length === 0 || sim.wrong.length > 0) return passed / HOUR_MS;
  }
  sim.wrong.push(...unrest);
  return CALM_HOURS;
}
