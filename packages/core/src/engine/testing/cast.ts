import type { MemoryProgram } from "@agent-orchestrator/testkit/memory/runtime";
import type { MemoryWorld } from "@agent-orchestrator/testkit/memory/world";
import type { Random } from "./random.ts";

type Mood = "busy" | "resting" | "asking";

interface Role {
  mood: Mood;
  /** Messages it has taken. */
  taken: number;
  /** Tokens its program has used. */
  used: number;
  /** The last dialog it opened. */
  dialog: string | null;
}

/** The agents of a simulation. Their programs act at random. */
export interface Cast {
  /** Every agent does something, or takes what arrived. */
  act(): void;
  /** From now on turns only end. No agent asks, commits or exits. */
  calm(): void;
  mood(sessionId: string): Mood | null;
}

export function cast(world: MemoryWorld, chance: Random): Cast {
  const roles = new Map<string, Role>();
  let isCalm = false;
  const isPerTurn = world.agent.lifetime === "per-turn";

  /** With a dialog that can be answered from outside, or without. */
  const ask = (sessionId: string, role: Role) => {
    role.dialog = chance.chance(0.7) ? world.agent.ask(sessionId) : null;
    if (role.dialog === null) world.agent.activity(sessionId, "waiting_input", "May I?");
  };
  const isAnswered = ({ dialog }: Role) =>
    dialog !== null && world.agent.answers.some(({ dialogId }) => dialogId === dialog);

  const become = (program: MemoryProgram, role: Role, mood: Mood) => {
    const { sessionId } = program.config;
    role.mood = mood;
    if (mood === "busy") world.agent.activity(sessionId, "active");
    else if (mood === "asking") ask(sessionId, role);
    else {
      world.agent.say(sessionId, { kind: "turn-ended", at: new Date(world.clock.now()).toISOString() });
      world.agent.activity(sessionId, "ready");
    }
  };

  const takeMessages = (program: MemoryProgram, role: Role) => {
    const news = program.got.slice(role.taken);
    role.taken = program.got.length;
    const at = new Date(world.clock.now()).toISOString();
    for (const { id } of news) {
      if (id !== null && world.agent.receipts === "always") {
        world.agent.say(program.config.sessionId, { kind: "accepted", messageId: id, at });
      }
    }
    if (news.length > 0 && role.mood === "resting") become(program, role, "busy");
  };

  const work = (program: MemoryProgram, role: Role) => {
    const { sessionId } = program.config;
    const weights = { print: 4, commit: 3, rest: 4, ask: 1, leave: 0.6, fail: 0.3, edit: 1 };
    const calmWeights = { print: 0, commit: 0, rest: 1, ask: 0, leave: 0, fail: 0, edit: 0 };
    switch (chance.weighted(isCalm ? calmWeights : weights)) {
      case "print":
        world.runtime.print(sessionId, "working");
        use(program, role);
        return;
      case "commit":
        commit(sessionId);
        return;
      case "edit":
        world.workspace.edit(program.config.workspacePath, "draft.txt");
        return;
      case "ask":
        if (!isPerTurn) become(program, role, "asking");
        return;
      case "rest":
        if (isPerTurn) world.runtime.exit(sessionId, { code: 0 });
        else become(program, role, "resting");
        return;
      case "leave":
        world.runtime.exit(sessionId, { code: 0 });
        return;
      case "fail":
        world.runtime.exit(sessionId, { code: 1 });
    }
  };

  const use = ({ config, handle }: MemoryProgram, role: Role) => {
    role.used += 1000;
    const tokens = { input: role.used, output: role.used, cacheRead: 0, cacheWrite: 0 };
    const models = [{ model: "memory", tokens, usd: role.used / 1000 }];
    world.agent.say(config.sessionId, { kind: "usage", usage: { key: handle.id, models } });
  };

  const commit = (sessionId: string) => {
    const branch = `feat/${sessionId}`;
    if (world.repository.head(branch) === null) return;
    const file = chance.chance(0.15) ? "README.md" : `${sessionId}.txt`;
    world.repository.commit(branch, { [file]: String(chance.next()) });
    world.agent.say(sessionId, { kind: "progress", at: new Date(world.clock.now()).toISOString(), what: "commit" });
    world.scm.stir(branch);
  };

  return {
    act() {
      for (const program of world.runtime.programs.filter((each) => each.isAlive)) {
        const known = roles.get(program.handle.id);
        const role = known ?? { mood: "busy", taken: 0, used: 0, dialog: null };
        roles.set(program.handle.id, role);
        if (known === undefined)
          become(program, role, program.config.argv?.includes("--resume") && !isPerTurn ? "resting" : "busy");
        takeMessages(program, role);
        if (role.mood === "asking") {
          if (isAnswered(role) || (!isCalm && chance.chance(0.3))) become(program, role, "busy");
        } else if (role.mood === "busy") work(program, role);
        else if (!isCalm && chance.chance(0.05)) become(program, role, "busy");
        // An agent that has a listener only now repeats itself, as hooks do.
        else if (chance.chance(0.5)) world.agent.activity(program.config.sessionId, "ready");
      }
    },
    calm() {
      isCalm = true;
    },
    mood(sessionId) {
      const [program] = world.runtime.alive(sessionId);
      return program === undefined ? null : (roles.get(program.handle.id)?.mood ?? "busy");
    },
  };
}
