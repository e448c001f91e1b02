import fc from "fast-check";
import { expect, it } from "vitest";
import { type Board, forward, type StateInfo, type Step, stateFor } from "./states.ts";

const state = (name: string, type: string, position: number): StateInfo => ({ id: `id-${name}`, name, type, position });
const STATES = [
  state("Done", "completed", 4),
  state("Shipped", "completed", 5),
  state("In Review", "started", 3),
  state("QA", "started", 3.5),
  state("In Progress", "started", 2),
  state("Todo", "unstarted", 1),
  state("Backlog", "backlog", 0),
  state("Triage", "triage", 0),
  state("Canceled", "canceled", 6),
  state("Duplicate", "duplicate", 7),
];
const board = (changes: Partial<Board> = {}): Board => ({ states: STATES, names: {}, isOwnTeam: true, ...changes });
const named = (name: string): StateInfo => STATES.find((one) => one.name === name) ?? (STATES[0] as StateInfo);

it.each([
  ["started", {}, "In Progress"],
  ["review", {}, "In Review"],
  ["done", {}, "Done"],
  ["started", { started: "in progress" }, "In Progress"],
  ["review", { review: "QA" }, "QA"],
  ["done", { done: "id-Shipped" }, "Shipped"],
] as const)("finds the state for %s with %j: %s", (step, names, expected) => {
  expect(stateFor(step, board({ names }))?.name).toBe(expected);
});

it("takes a started state for the beginning even if all of them are for reviews, and none for a review where there is none", () => {
  const few = [state("Todo", "unstarted", 0), state("Doing", "started", 1), state("Done", "completed", 2)];
  expect(stateFor("review", board({ states: few }))).toBeNull();
  expect(stateFor("started", board({ states: [state("Review", "started", 1)] }))?.name).toBe("Review");
});

it("names a state of the config that the team does not have, and those that it has, in order", () => {
  const wrong = () => stateFor("review", board({ names: { review: "In Revue" } }));
  expect(wrong).toThrow(expect.objectContaining({ code: "CONFIG", message: expect.stringContaining('"In Revue"') }));
  expect(wrong).toThrow(
    expect.objectContaining({
      hint: expect.stringMatching(/^It has Triage, Backlog, Todo, In Progress, In Review, QA, Done/),
    }),
  );
  expect(stateFor("review", board({ names: { review: "In Revue" }, isOwnTeam: false }))?.name).toBe("In Review");
});

it.each([
  ["Triage", "started", "In Progress"],
  ["Backlog", "started", "In Progress"],
  ["Todo", "started", "In Progress"],
  ["Todo", "review", "In Review"],
  ["In Progress", "started", null],
  ["In Progress", "review", "In Review"],
  ["In Review", "started", null],
  ["QA", "review", null],
  ["QA", "done", "Done"],
  ["Done", "started", null],
  ["Done", "review", null],
  ["Shipped", "done", null],
  ["Canceled", "started", null],
  ["Canceled", "done", null],
  ["Duplicate", "review", null],
] as const)("moves an issue in %s for %s to %s", (from, step, to) => {
  expect(forward(named(from), step, board())?.name ?? null).toBe(to);
});

const RANK: Record<string, number> = {
  triage: 0,
  backlog: 1,
  unstarted: 2,
  started: 3,
  completed: 4,
  canceled: 4,
  duplicate: 4,
};

it("never moves an issue back, whatever the team's states are and in whatever order the steps come", () => {
  const anyState = fc.record({
    id: fc.uuid(),
    name: fc.constantFrom("In Progress", "In Review", "Reviewing", "Doing", "Done", "Todo"),
    type: fc.constantFrom(...Object.keys(RANK), "unheard-of"),
    position: fc.float({ min: -10, max: 10, noNaN: true }),
  });
  const steps = fc.array(fc.constantFrom<Step>("started", "review", "done"), { maxLength: 8 });
  fc.assert(
    fc.property(
      fc.uniqueArray(anyState, { minLength: 1, maxLength: 8, selector: ({ id }) => id }),
      steps,
      (states, order) => {
        let current = states[0] as StateInfo;
        for (const step of order) {
          const next = forward(current, step, board({ states }));
          if (next === null) continue;
          const [to, from] = [RANK[next.type] ?? 0, RANK[current.type] ?? 0];
          expect(to > from || (to === from && next.position > current.position)).toBe(true);
          current = next;
        }
      },
    ),
  );
});
