import { type MemoryWorld, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { beforeEach, describe, expect, test } from "vitest";
import { type Rig, rig } from "../engine/testing/rig.ts";
import { AoError } from "../model/errors.ts";
import type { RecordChanges } from "../model/record-changes.ts";
import { answer } from "./answer.ts";
import type { ActCall } from "./call.ts";
import { interrupt } from "./interrupt.ts";

let world: MemoryWorld;
beforeEach(() => {
  world = memoryWorld({ home: tempDir("ao-act") });
});

function call(changes: RecordChanges = {}): ActCall {
  const record = aRecord(changes);
  const means = { plugins: world.plugins(record), paths: world.paths(record), clock: world.clock, log: world.log };
  return {
    record,
    project: world.config as never,
    ...means,
    signal: new AbortController().signal,
    tell: () => undefined,
    agentConfig: () => ({}),
    formerAgent: () => null,
    environment: () => world.environment(record),
  };
}

const wanted = { kind: "answer" as const, key: "k", wishId: "w1", choice: "Yes", number: 1, isAlways: false };
const asking = { state: "waiting_input" as const, since: iso(), source: "hook" as const, evidence: "it asks" };

/** A running session whose agent has a question. */
async function started(): Promise<Rig> {
  const one = await rig();
  await one.spawn("app-1");
  await one.pass(100);
  return one;
}

describe("an answer", () => {
  test("goes to the agent once, however often it is carried out", async () => {
    const { tell, session, world, pass } = await started();
    const dialogId = world.agent.ask("app-1");
    await pass(10);
    const wish = { kind: "wish-answer", wishId: "w1", dialogId, choice: "No", number: 2, isAlways: false } as const;
    await tell("app-1", wish);
    await pass(10);
    await tell("app-1", wish);
    await pass(10);
    expect(world.agent.answers).toEqual([{ sessionId: "app-1", dialogId, choice: "No", number: 2 }]);
    expect(session("app-1")).toMatchObject({ status: "working", answered: { wishId: "w1" } });
  });

  test("that did not finish does not count as an answer, so the question stays", async () => {
    const { tell, session, world, pass, engine } = await started();
    world.faults.inject("agent.answer", "fail");
    const dialogId = world.agent.ask("app-1");
    await pass(10);
    await tell("app-1", { kind: "wish-answer", wishId: "w1", dialogId, choice: "No", number: 2, isAlways: false });
    await pass(10);
    expect(engine.failure("app-1", "answer", 0)).not.toBeNull();
    expect(session("app-1").status).toBe("needs_input");
  });

  test("is refused if another dialog or none is open, or a limit would interrupt the turn that it starts", async () => {
    const dialog = { id: "d2", kind: "permission" as const, text: "?", choices: ["Yes"], takesText: false };
    for (const activity of [null, asking, { ...asking, dialog }]) {
      await expect(answer(call({ activity }), { ...wanted, dialogId: "d1" })).rejects.toMatchObject({
        code: "REFUSED",
      });
    }
    const ended = call({ activity: { ...asking, dialog } });
    await expect(answer(ended, { ...wanted, dialogId: "d2" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const limit = { ids: ["l"], reason: "its limit is reached", since: iso(), wasCut: false, interrupts: 0 };
    const held = call({ activity: { ...asking, dialog }, limits: { hold: { ...limit, interruptedAt: null } } });
    await expect(answer(held, { ...wanted, dialogId: "d2" })).rejects.toMatchObject({ code: "REFUSED" });
  });
});

describe("an interrupt", () => {
  test("uses the agent's own answer if it has one, or else its keys", async () => {
    const { tell, world, pass } = await started();
    await tell("app-1", { kind: "wish-interrupt" });
    await pass(10);
    expect([world.agent.interrupted, world.runtime.of("app-1")?.keys]).toEqual([["app-1"], []]);
    Object.assign(world.agent, { interrupt: undefined, interruptKeys: ["Escape"] });
    await tell("app-1", { kind: "wish-interrupt" });
    await pass(10);
    expect(world.runtime.of("app-1")?.keys).toEqual(["Escape"]);
  });

  test("is refused when no program is running", async () => {
    await expect(interrupt(call())).rejects.toBeInstanceOf(AoError);
  });
});
