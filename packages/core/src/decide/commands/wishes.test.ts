import { iso, T0 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { KeptOfWish } from "../../model/command.ts";
import type { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { carryOut } from "./commands.ts";

const wish = { id: "w1", request: "send" };
function keep(state: State, kept: KeptOfWish, id = "w1"): State {
  const made = carryOut(state, { kind: "keep-wish", wish: { ...wish, id }, kept }, { nowMs: T0 + state.seq });
  if ("refused" in made) throw new Error(made.refused.message);
  return made.next;
}

test.each<[string, KeptOfWish[], Record<string, unknown>]>([
  ["nothing but that it was taken up", [{}], { sessionIds: [] }],
  [
    "each session once",
    [{ sessionIds: ["app-1"] }, { sessionIds: ["app-2", "app-1"] }],
    { sessionIds: ["app-1", "app-2"] },
  ],
  ["all marks", [{ marks: { a: 1 } }, { marks: { b: "x" } }], { marks: { a: 1, b: "x" } }],
  ["the newest of each mark", [{ marks: { a: 1 } }, { marks: { a: 2 } }], { marks: { a: 2 } }],
  ["all of the result", [{ result: { a: 1 } }, {}, { result: { b: 2 } }], { result: { a: 1, b: 2 } }],
])("a wish keeps %s", (_, said, expected) => {
  const before = { ...emptyState(), seq: 5 };
  const after = said.reduce((state, kept) => ({ ...keep(state, kept), seq: state.seq + 1 }), before as State);
  // When it was taken up, and what the log had then.
  expect(after.wishes.w1).toMatchObject({ at: iso(5), seq: 5, request: "send", ...expected });
});

test("an id that is also a property of every object is one like others", () => {
  expect(keep(emptyState(), { sessionIds: ["app-1"] }, "constructor").wishes.constructor).toMatchObject({
    sessionIds: ["app-1"],
  });
});
