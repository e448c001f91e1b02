import { activity, exited, type Play, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { startFacts } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";

const SEC = 1000;
const send = (id: string, changes: { isUrgent?: boolean; text?: string } = {}): TestFact => ({
  kind: "wish-send",
  message: { id, text: changes.text ?? `do ${id}`, isUrgent: changes.isUrgent ?? false },
});
const accepted = (id: string): TestFact => ({ kind: "message-accepted", id });
const written = (id: string): TestFact => ({ kind: "message-written", id });
const resting = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const stateOf = (run: Play, id: string) => {
  const message = run.record.messages.list.find((each) => each.id === id);
  return message?.heldFor ? `${message.state}:${message.heldFor}` : message?.state;
};
const launched = (ms: number, launch: number): TestFact[] =>
  startFacts(ms, launch).map(({ at: _, ...fact }) => fact as TestFact);
const silent = { lifetime: "interactive", receipts: "never", canResume: true } as const;
const perTurn = { lifetime: "per-turn", receipts: "never", canResume: true } as const;

describe("a message to an interactive agent", () => {
  test("is delivered at once when the agent is idle, and is accepted by the agent's own evidence", () => {
    const run = resting().at(2 * SEC, send("m1"));
    expect(run.did("deliver")).toEqual([{ kind: "deliver", key: "deliver:m1", messageId: "m1" }]);
    expect(stateOf(run, "m1")).toBe("writing");
    expect(stateOf(run.at(3 * SEC, written("m1")), "m1")).toBe("written");
    expect(stateOf(run.at(4 * SEC, accepted("m1")), "m1")).toBe("accepted");
    expect(run.did("deliver")).toHaveLength(1);
  });

  test("the first words go in as soon as the program takes any: that it was started is no turn", () => {
    expect(stateOf(playRunning().at(1 * SEC, send("prompt-app-1-1")), "prompt-app-1-1")).toBe("writing");
    expect(stateOf(playRunning().at(1 * SEC, send("m1")), "m1")).toBe("held:busy");
  });

  test("is unconfirmed after 60 seconds without the receipt that was due; a late one still counts", () => {
    const run = resting()
      .at(2 * SEC, send("m1"))
      .at(3 * SEC, written("m1"));
    expect(stateOf(run.until(62 * SEC), "m1")).toBe("written");
    expect(stateOf(run.until(63 * SEC), "m1")).toBe("unconfirmed");
    expect(stateOf(run.at(70 * SEC, accepted("m1")), "m1")).toBe("accepted");
  });

  test("is accepted when the agent took its text, whatever became of blanks, lines and control characters", () => {
    const run = resting()
      .at(2 * SEC, send("m1", { text: "one two\n\nthree\t\u001b[31mfour" }))
      .at(3 * SEC, written("m1"));
    run.at(4 * SEC, { kind: "text-taken", text: "one two three" });
    expect(stateOf(run, "m1")).toBe("written");
    run.at(5 * SEC, { kind: "text-taken", text: " one  two\nthree [31mfour\n" });
    expect(stateOf(run, "m1")).toBe("accepted");
  });

  test("one text taken is the receipt of one message, the oldest; an unsent one has none", () => {
    const run = resting()
      .at(2 * SEC, send("m1", { text: "go" }))
      .at(3 * SEC, written("m1"))
      .at(3 * SEC, send("m2", { text: "go" }));
    run.at(4 * SEC, { kind: "text-taken", text: "go" });
    expect([stateOf(run, "m1"), stateOf(run, "m2")]).toEqual(["accepted", "writing"]);
    run.at(5 * SEC, { kind: "text-taken", text: "go" }).at(5 * SEC, send("m3", { text: "go" }));
    expect([stateOf(run, "m2"), stateOf(run, "m3")]).toEqual(["accepted", "held:busy"]);
    run.at(5 * SEC, { kind: "text-taken", text: "go" });
    expect(stateOf(run, "m3")).toBe("held:busy");
  });

  test("a text taken long after is the late receipt of a message given up, though its words are not kept", () => {
    const text = `first line\n${"x".repeat(5_000)}`;
    const run = resting()
      .at(2 * SEC, send("m1", { text }))
      .at(3 * SEC, written("m1"))
      .until(64 * SEC);
    expect(run.record.messages.list[0]).toMatchObject({ state: "unconfirmed", text: "first line …" });
    expect(stateOf(run.at(90 * SEC, { kind: "text-taken", text }), "m1")).toBe("accepted");
  });

  test("that could not be written for a draft or a dialog waits, and is tried again after ever longer times", () => {
    const run = resting().at(2 * SEC, send("m1"));
    const tries = (): number => run.did("deliver").length;
    const defer = (ms: number) => run.at(ms, { kind: "message-deferred", id: "m1", because: "human" });
    expect(stateOf(defer(3 * SEC), "m1")).toBe("held:human");
    expect([tries(), run.until(4.9 * SEC) && tries(), run.until(5 * SEC) && tries()]).toEqual([1, 1, 2]);
    defer(5 * SEC);
    expect([run.until(8.9 * SEC) && tries(), run.until(9 * SEC) && tries()]).toEqual([2, 3]);
    for (let at = 9 * SEC, n = 0; n < 6; n++, at += 40 * SEC) defer(at).until(at + 30 * SEC);
    expect(tries()).toBe(9);
  });

  test("settles when it is written if the agent never gives receipts", () => {
    expect(
      stateOf(
        resting({ agent: silent })
          .at(2 * SEC, send("m1"))
          .at(3 * SEC, written("m1")),
        "m1",
      ),
    ).toBe("unconfirmed");
  });

  test.each([
    ["queued", () => play().at(1 * SEC), "held:starting"],
    ["starting", () => play().at(1 * SEC, { kind: "admitted" }), "held:starting"],
    ["working", () => playRunning(), "held:busy"],
    ["asking", () => resting().at(2 * SEC, activity("waiting_input", 2 * SEC)), "held:asking"],
    ["paused", () => resting().at(2 * SEC, { kind: "wish-pause", isPaused: true }), "held:paused"],
    ["in a paused project", () => resting({ isPaused: true }), "held:paused"],
    ["typed to by a human", () => resting().at(4 * SEC, { kind: "human-input" }), "held:human"],
  ] as const)("is held while the agent is %s", (_, start, expected) => {
    expect(stateOf(start().at(5 * SEC, send("m1")), "m1")).toBe(expected);
  });

  test("is held until the program is ready, so that a cold start does not eat it", () => {
    const cold = startFacts().map(
      ({ at: _, ...fact }) => ({ ...fact, ...("isReady" in fact ? { isReady: false } : {}) }) as TestFact,
    );
    const run = play()
      .at(0, { kind: "admitted" })
      .at(0, ...cold)
      .at(1 * SEC, activity("ready", 1 * SEC), send("m1"));
    expect(stateOf(run, "m1")).toBe("held:starting");
    expect(stateOf(run.at(2 * SEC, { kind: "ready", launch: 1 }), "m1")).toBe("writing");
  });

  test("that is urgent does not wait for the running turn, but for an open question", () => {
    expect(stateOf(playRunning().at(5 * SEC, send("m1", { isUrgent: true })), "m1")).toBe("writing");
    const asking = resting().at(2 * SEC, activity("waiting_input", 2 * SEC));
    expect(stateOf(asking.at(5 * SEC, send("m1", { isUrgent: true })), "m1")).toBe("held:asking");
  });

  test("that is urgent overtakes those that wait for the turn", () => {
    const run = playRunning().at(5 * SEC, send("m1"), send("m2", { isUrgent: true }));
    expect([stateOf(run, "m1"), stateOf(run, "m2")]).toEqual(["held:before-it", "writing"]);
  });

  test("waits for the one before it, and for a sign that the agent took that", () => {
    const run = resting().at(2 * SEC, send("m1"), send("m2"));
    expect(stateOf(run, "m2")).toBe("held:before-it");
    run.at(3 * SEC, accepted("m1"));
    expect(stateOf(run, "m2")).toBe("held:busy");
    expect(stateOf(run.until(4 * SEC), "m2")).toBe("writing");
  });

  test("can be withdrawn until its first byte goes out, and not after", () => {
    const run = playRunning().at(5 * SEC, send("m1"), send("m2"));
    expect(stateOf(run.at(6 * SEC, { kind: "wish-withdraw", id: "m2" }), "m2")).toBe("withdrawn");
    run.at(7 * SEC, activity("ready", 7 * SEC)).at(8 * SEC, { kind: "wish-withdraw", id: "m1" });
    expect(stateOf(run, "m1")).toBe("writing");
  });

  test("fails with its reason and is never written again", () => {
    const failure = { code: "UNAVAILABLE", message: "gone" } as const;
    const run = resting()
      .at(2 * SEC, send("m1"))
      .at(3 * SEC, { kind: "message-failed", id: "m1", failure });
    expect(run.record.messages.list[0]).toMatchObject({ state: "failed", failure });
    expect(run.at(4 * SEC, written("m1")).did("deliver")).toHaveLength(1);
  });

  test("with a known id is the same message", () => {
    const run = resting()
      .at(2 * SEC, send("m1"))
      .at(3 * SEC, send("m1"))
      .at(4 * SEC, accepted("m1"), send("m1"));
    expect(run.record.messages.list).toHaveLength(1);
    expect(run.did("deliver")).toHaveLength(1);
  });

  test("keeps its text until it is settled, and of settled ones the last 20", () => {
    const run = resting({ agent: silent });
    const text = `one\n${"x".repeat(1000)}`;
    for (let n = 0; n < 25; n++)
      run.at((10 + n) * 2 * SEC, send(`m${n}`, { text })).at((11 + n) * 2 * SEC, written(`m${n}`));
    expect(run.record.messages.list).toHaveLength(20);
    expect(run.record.messages.list.at(-1)).toMatchObject({ id: "m24", text: "one …" });
  });

  test("to an agent that exited restores it first, once, and is then delivered", () => {
    const run = resting()
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, send("m1"));
    expect(run.did("start").at(-1)).toMatchObject({ key: "start:app-1:2", mode: "restore", messageId: null });
    expect(stateOf(run, "m1")).toBe("held:restoring");
    expect(stateOf(run.at(4 * SEC, ...launched(4 * SEC, 2)), "m1")).toBe("writing");
  });

  test("restores an agent that failed by itself too", () => {
    const run = resting().at(2 * SEC, exited(2 * SEC, 1));
    expect(run.record.status).toBe("errored");
    run.at(3 * SEC, send("m1"));
    expect(run.record).toMatchObject({ status: "spawning", ending: null });
  });

  test("fails if the restored agent ends again before delivery, without a loop of starts", () => {
    const cold = launched(4 * SEC, 2).map(
      (fact) => ({ ...fact, ...("isReady" in fact ? { isReady: false } : {}) }) as TestFact,
    );
    const run = resting()
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, send("m1"))
      .at(4 * SEC, ...cold);
    run.at(5 * SEC, exited(5 * SEC, 0, 2));
    expect(run.record.messages.list[0]).toMatchObject({ state: "failed", failure: { code: "UNAVAILABLE" } });
    expect(run.did("start")).toHaveLength(2);
  });

  test.each(["killed", "merged", "done", "terminated"] as const)("to a session that is %s is refused", (status) => {
    const ending = { status, by: "user", reason: "x", at: "2026-01-01T00:00:00.000Z" } as const;
    const run = play({}, { phase: "ended", ending, status }).at(0, send("m1"));
    expect(run.record.messages.list[0]).toMatchObject({
      state: "failed",
      failure: { code: "REFUSED", hint: expect.stringContaining("ao restore") },
    });
    expect(run.did("start")).toEqual([]);
  });
});

describe("a message to a per-turn agent", () => {
  test("starts a turn with it, and is accepted when that runs", () => {
    const run = playRunning({ agent: perTurn })
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, send("m1"));
    expect(run.did("start").at(-1)).toEqual({
      kind: "start",
      key: "start:app-1:2",
      launch: 2,
      mode: "turn",
      messageId: "m1",
    });
    expect(stateOf(run, "m1")).toBe("writing");
    run.at(4 * SEC, ...launched(4 * SEC, 2));
    expect(stateOf(run, "m1")).toBe("accepted");
    expect(run.record.activity?.state).toBe("active");
    expect(run.did("deliver")).toEqual([]);
  });

  test("waits for the end of the running turn, urgent or not", () => {
    const run = playRunning({ agent: perTurn }).at(3 * SEC, send("m1", { isUrgent: true }));
    expect(stateOf(run, "m1")).toBe("held:busy");
    expect(stateOf(run.at(4 * SEC, exited(4 * SEC, 0)), "m1")).toBe("writing");
  });

  test("answers the question it ended its turn with", () => {
    const run = playRunning({ agent: perTurn }).at(2 * SEC, { kind: "reported", state: "needs_input", note: "which?" });
    run.at(3 * SEC, exited(3 * SEC, 0));
    expect(run.record.status).toBe("needs_input");
    expect(stateOf(run.at(4 * SEC, send("m1")), "m1")).toBe("writing");
  });

  test("fails when the agent cannot be resumed", () => {
    const run = playRunning({ agent: { ...perTurn, canResume: false } })
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, send("m1"));
    expect(run.record.messages.list[0]).toMatchObject({ state: "failed", failure: { code: "REFUSED" } });
  });

  test("fails with the start that was to carry it", () => {
    const run = playRunning({ agent: perTurn })
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, send("m1"));
    run.at(4 * SEC, {
      kind: "start-failed",
      launch: 2,
      step: "agent",
      failure: { code: "UNAVAILABLE", message: "not found" },
    });
    expect(run.record).toMatchObject({ status: "errored", messages: { list: [{ state: "failed" }] } });
  });
});

test("a message that could not be typed because the agent asks waits again, and is delivered once", () => {
  const run = resting().at(2 * SEC, send("m1"));
  run.at(3 * SEC, activity("waiting_input", 3 * SEC), { kind: "message-deferred", id: "m1" });
  expect(stateOf(run, "m1")).toBe("held:asking");
  run.at(9 * SEC, activity("ready", 9 * SEC));
  expect(stateOf(run, "m1")).toBe("writing");
  run.at(10 * SEC, written("m1")).at(11 * SEC, { kind: "message-deferred", id: "m1" });
  expect(stateOf(run, "m1")).toBe("written");
});

test("the turn of an agent that was done before we heard that its message was written is over", () => {
  const run = resting().at(5 * SEC, send("m1"));
  expect(stateOf(run, "m1")).toBe("writing");
  run.at(6 * SEC, activity("active", 5.2 * SEC)).at(7 * SEC, activity("ready", 6.5 * SEC));
  const { turns } = run.record;
  run.at(8 * SEC, written("m1"));
  expect([run.record.turnStartedAt, run.record.turns]).toEqual([null, turns]);
});

test("a message does not wait forever for a program that never reported that it is ready", () => {
  const run = play()
    .at(0, { kind: "admitted" })
    .at(0, ...startFacts(0, 1).map(({ at: _, ...fact }) => ({ ...fact, isReady: false }) as TestFact));
  run.at(1 * SEC, activity("ready", 1 * SEC), send("m1"));
  expect(stateOf(run, "m1")).toBe("held:starting");
  expect(stateOf(run.until(30 * SEC), "m1")).toBe("writing");
});
