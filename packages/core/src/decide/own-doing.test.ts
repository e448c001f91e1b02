import {
  activity,
  exited,
  type Play,
  playRunning,
  play as queued,
  type TestFact,
} from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, aReview, aWork, HEAD, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { Policy } from "../model/policy.ts";

const SEC = 1000;
const MIN = 60 * SEC;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const work = (ms: number, changes: Parameters<typeof aWork>[0] = {}): TestFact => ({
  kind: "work",
  work: aWork({ at: iso(ms), ...changes }),
});
const green = { ci: "passing", review: "approved" } as const;
const PER_TURN: Partial<Policy> = { agent: { lifetime: "per-turn", receipts: "never", canResume: true } };

const busy = (policy: Partial<Policy> = {}) => playRunning(policy).at(1 * SEC, activity("active", 1 * SEC));
const resting = (policy: Partial<Policy> = {}) =>
  busy(policy)
    .at(2 * SEC, activity("ready", 2 * SEC))
    .at(3 * SEC, work(3 * SEC));
const sentAboutConflict = () => resting().at(4 * SEC, pr({ hasConflicts: true, ci: "passing" }));
const gaveUp = () => sentAboutConflict().until(20 * MIN);
const ended = (fact: TestFact) => resting().at(4 * SEC, fact);

/** Each before the user types anything. */
const STATES: Record<string, () => Play> = {
  queued: () => queued().at(0),
  starting: () => queued().at(0, { kind: "admitted" }),
  working: () => busy(),
  idle: () => resting(),
  "idle with uncommitted files": () => resting().at(4 * SEC, work(4 * SEC, { changedFiles: 2 })),
  "working, one program a turn": () => busy(PER_TURN),
  "between turns": () =>
    playRunning(PER_TURN)
      .at(1 * SEC, exited(1 * SEC, 0))
      .at(2 * SEC, work(2 * SEC)),
  asking: () => busy().at(2 * SEC, activity("waiting_input", 2 * SEC)),
  stuck: () => busy().until(15 * MIN),
  "with a failing check": () =>
    resting()
      .at(4 * SEC, pr({ ci: "failing", checks: [aCheck()] }))
      .until(2 * MIN),
  "with changes requested": () => resting().at(4 * SEC, pr({ review: "changes_requested", reviews: [aReview()] })),
  "with a conflict": sentAboutConflict,
  "with a conflict that was given up": gaveUp,
  "with a review due": () => resting().at(4 * SEC, pr({ ci: "passing" })),
  mergeable: () => resting().at(4 * SEC, pr(green)),
  "with a closed pull request": () =>
    resting()
      .at(4 * SEC, pr())
      .at(5 * SEC, pr({ state: "closed" })),
  merged: () =>
    resting()
      .at(4 * SEC, pr())
      .at(5 * SEC, pr({ state: "merged" })),
  done: () => ended({ kind: "reported", state: "done", note: null }).at(5 * SEC, work(5 * SEC)),
  crashed: () =>
    resting()
      .at(4 * SEC, exited(4 * SEC, 1))
      .at(5 * SEC, work(5 * SEC)),
  "gone with its work": () =>
    resting()
      .at(4 * SEC, exited(4 * SEC, 0))
      .at(5 * SEC, work(5 * SEC, { changedFiles: 1 })),
  killed: () =>
    ended({ kind: "wish-kill", remove: false, by: "user", reason: "ended by hand" }).at(5 * SEC, {
      kind: "stopped",
      launch: 1,
    }),
};

/** What each command tells, and what the world answers to it. */
const COMMANDS: Record<string, (run: Play) => TestFact[][]> = {
  "ao kill": () => [[{ kind: "wish-kill", remove: false, by: "user", reason: "ended by hand" }]],
  "ao kill --rm": () => [[{ kind: "wish-kill", remove: true, by: "user", reason: "ended by hand" }]],
  "ao stop --sessions": () => [
    [{ kind: "wish-kill", remove: false, by: "user", reason: "ended by `ao stop --sessions`" }],
  ],
  "ao interrupt": () => [[{ kind: "wish-interrupt" }]],
  "ao restore": () => [[{ kind: "wish-restore" }]],
  "ao pause": () => [[{ kind: "wish-pause", isPaused: true }]],
  "ao pause, ao resume": () => [
    [{ kind: "wish-pause", isPaused: true }],
    [{ kind: "wish-pause", isPaused: false }, { kind: "wish-grant" }],
  ],
  "ao handoff": () => [[{ kind: "wish-handoff", wishId: "w1", agent: "codex", agentOptions: {}, words: null }]],
  "ao review --approve": ({ record }) =>
    record.pr.snapshot === null
      ? []
      : [
          [
            { kind: "human-did", what: "reviewed" },
            pr({ ...record.pr.snapshot, review: "approved", reviews: [aReview({ state: "approved" })] }),
          ],
        ],
  "ao review --request-changes": ({ record }) =>
    record.pr.snapshot === null
      ? []
      : [
          [
            { kind: "human-did", what: "reviewed" },
            pr({ ...record.pr.snapshot, review: "changes_requested", reviews: [aReview({ id: "r9" })] }),
          ],
        ],
  "ao merge": () => [[{ kind: "wish-merge", headSha: HEAD, method: null }]],
  "ao set": () => [[{ kind: "wish-set", key: "note", value: "mine" }]],
};

/** The world does what was asked: what was interrupted ends, as a program that does not know better. */
function resultsOf(run: Play, from: number, ms: number): TestFact[] {
  return run.actions.slice(from).flatMap((action): TestFact[] => {
    const launch = run.record.launch.last?.number ?? 1;
    switch (action.kind) {
      case "stop":
        return [
          { kind: "exited", launch: action.launch, exit: { code: 143, signal: null, at: iso(ms), lastOutput: null } },
          { kind: "stopped", launch: action.launch },
        ];
      case "interrupt":
        return [
          { kind: "exited", launch, exit: { code: 130, signal: null, at: iso(ms), lastOutput: null } },
          work(ms, { changedFiles: 1 }),
        ];
      case "remove":
        return [{ kind: "removed", preservedPath: null }];
      case "merge":
        return [pr({ ...green, state: "merged" }), { kind: "merged", headSha: action.headSha }];
      default:
        return [];
    }
  });
}

const FOR_MS = 4 * MIN;
const beginsAt = (run: Play): number => run.context.nowMs - Date.parse(iso(0)) + 10 * SEC;
const noticesOf = (run: Play, from: number): string[] =>
  run.actions.slice(from).flatMap((action) => (action.kind === "notify" ? [action.key] : []));

/** Notices within some minutes of the command that the same state without it does not bring. */
function causedBy(state: () => Play, command: (run: Play) => TestFact[][]): string[] {
  const still = state();
  const run = state();
  const from = run.actions.length;
  const begin = beginsAt(run);
  let ms = begin;
  for (const facts of command(run)) {
    let done = run.actions.length;
    run.at(ms, ...facts);
    for (let round = 0; round < 6 && done < run.actions.length; round++) {
      const results = resultsOf(run, done, ms + 500);
      done = run.actions.length;
      ms += 500;
      if (results.length > 0) run.at(ms, ...results);
    }
    ms += SEC;
  }
  run.until(begin + FOR_MS);
  const anyway = new Set(noticesOf(still.until(begin + FOR_MS), from));
  return noticesOf(run, from).filter((key) => !anyway.has(key));
}

describe.each(Object.keys(COMMANDS))("%s alarms nobody", (name) => {
  test.each(Object.keys(STATES))("on a session that is %s", (stateName) => {
    const [state, command] = [STATES[stateName], COMMANDS[name]];
    if (state === undefined || command === undefined) throw new Error("no such row");
    // Ready to merge is what an approval was given for, and news all the same; the rest was known.
    const caused = causedBy(state, command).filter(
      (key) => !(name === "ao review --approve" && key.includes(":ready:")),
    );
    expect(caused).toEqual([]);
  });
});

test("a conflict that the user ended the session with is nobody's business, until it is another problem", () => {
  const run = gaveUp();
  const told = run.did("notify").length;
  run
    .at(21 * MIN, { kind: "wish-kill", remove: false, by: "user", reason: "ended by hand" })
    .at(21 * MIN + SEC, { kind: "stopped", launch: 1 })
    .until(60 * MIN);
  expect(run.record).toMatchObject({ status: "killed", attention: null });
  expect(run.did("notify")).toHaveLength(told);
  run.at(61 * MIN, pr({ hasConflicts: true, ci: "failing", checks: [aCheck()] })).until(63 * MIN);
  expect(run.did("notify").length).toBe(told + 1);
  // Brought back, the agent hears of both anew.
  run.at(64 * MIN, { kind: "wish-restore" });
  expect(run.record.messages.list.filter(({ state }) => state === "held").map(({ reaction }) => reaction)).toEqual([
    "ci-failed",
    "merge-conflicts",
  ]);
});

test("an interrupt of an idle agent does nothing; one that ends a working agent says so, and a message brings it back", () => {
  const idle = resting().at(5 * SEC, { kind: "wish-interrupt" });
  expect(idle.did("interrupt")).toEqual([]);
  const run = busy().at(5 * SEC, { kind: "wish-interrupt" });
  expect(run.did("interrupt")).toHaveLength(1);
  run.at(6 * SEC, exited(6 * SEC, 130)).at(7 * SEC, work(7 * SEC, { changedFiles: 1 }));
  expect(run.record).toMatchObject({ status: "stuck", statusRule: "agent-interrupted", attention: null, ending: null });
  run.at(8 * SEC, { kind: "wish-send", message: { id: "m1", text: "go on", isUrgent: false } });
  expect(run.did("start").at(-1)).toMatchObject({ mode: "restore" });
});
