import { latest } from "../decide/facts-of.ts";
import { wantsOf } from "../decide/wants.ts";
import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";
import { observeWork, workWantedSince } from "../observe/work.ts";
import type { Engine } from "./engine.ts";
import { createGate } from "./gate.ts";
import type { World } from "./world.ts";

export interface WorkWatch {
  /** Inspects the checkout of this session if a decision waits for it. Throws what a bug throws. */
  look(sessionId: string): Promise<void>;
  /** Its agent reported more than a commit, such as a push, so the next look is a whole one. */
  noteUnclear(sessionId: string): void;
}

/** Each look at a checkout runs some processes. Many at once would slow down the agents that are starting. */
const WORK_AT_ONCE = 4;
/** When to inspect a checkout again that could not be inspected. */
const RELOOK_AFTER_MS = 30_000;

/** Inspects checkouts when a turn ended, or something was committed. `quietly` takes what fails in the background. */
export function createWorkWatch(
  engine: Engine,
  world: World,
  { signal, quietly }: { signal: AbortSignal; quietly(work: Promise<void>): Promise<void> },
): WorkWatch {
  const gate = createGate(WORK_AT_ONCE);
  const looking = new Set<string>();
  const lookingAgain = new Set<string>();
  const unclear = new Set<string>();

  async function look(id: string): Promise<void> {
    const record = engine.state.sessions[id];
    if (record === undefined || looking.has(id) || !isWorkWanted(record)) return;
    const project = world.project(record);
    if (project === null) return;
    looking.add(id);
    let isAnswered = false;
    try {
      const workspace = await world.plugins(record).workspace();
      const isLight = isMidTurn(record) && !unclear.delete(id);
      const facts = await gate(() => observeWork({ record, isLight, project, workspace, clock: world.clock, signal }));
      if (facts.length > 0) engine.tell(id, facts);
      isAnswered = !facts.some(({ kind }) => kind === "unanswered");
    } finally {
      looking.delete(id);
      if (!isAnswered) void quietly(lookAgain(id));
    }
  }

  /** Nothing else may ever request this look, and work that nobody saw would be forgotten. */
  async function lookAgain(id: string): Promise<void> {
    if (lookingAgain.has(id)) return;
    lookingAgain.add(id);
    try {
      await world.clock.sleep(RELOOK_AFTER_MS, signal);
    } finally {
      lookingAgain.delete(id);
    }
    await look(id);
  }

  return { look, noteUnclear: (id) => void unclear.add(id) };
}

/** A decision waits for it, or a launch has just begun and nothing was inspected yet. */
const isWorkWanted = (record: SessionRecord): boolean => wantsOf(record).work || workWantedSince(record) !== null;

/** Nothing ended since the last look. All that is wanted is what the agent committed. */
function isMidTurn({ turnStartedAt, report, work, launch: { last: launch } }: SessionRecord): boolean {
  if (turnStartedAt === null || work === null || launch === null || launch.exit !== null) return false;
  return at(work.at) > latest(turnStartedAt, launch.startedAt, report?.at);
}
