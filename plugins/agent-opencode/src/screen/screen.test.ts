import fc from "fast-check";
import { expect, test } from "vitest";
import { screenOf } from "../testing/replay.ts";
import { readScreen } from "./screen.ts";

const read = (name: string) => readScreen({ rows: screenOf(name) });

test.each([
  ["start-page", "ready"],
  ["at-rest", "ready"],
  ["error", "ready"],
  ["interrupted", "ready"],
  ["busy-queued", "active"],
  ["retrying", "active"],
  ["permission-edit", "waiting_input"],
  ["question", "waiting_input"],
  ["question-tabs", "waiting_input"],
])("the screen %s says %s", (name, state) => {
  expect(read(name)).toMatchObject({ state, draft: "" });
});

test("a screen that is too small to read says nothing", () => {
  for (const name of ["at-rest", "busy-queued", "permission-edit", "question", "start-page"]) {
    const seen = readScreen({ rows: screenOf(name), size: { columns: 20, rows: 6 } });
    expect(seen).toMatchObject({ state: "unknown", draft: "" });
  }
});

test("tells the start page from a conversation", () => {
  expect(read("start-page").isHome).toBe(true);
  expect(read("at-rest").isHome).toBe(false);
});

test("reads what is asked", () => {
  expect(read("permission-edit").question).toMatch(/^Permission required: .*Edit b\.txt/);
  expect(read("question").question).toBe("Which DB?");
  expect(read("question-tabs").question).toContain("One");
});

test("sees somebody's unfinished draft", () => {
  const rows = screenOf("at-rest");
  const box = rows.findLastIndex((row) => row.trim() === "┃");
  rows[box - 1] = "  ┃  half a thou";
  expect(readScreen({ rows })).toMatchObject({ state: "ready", draft: "half a thou" });
});

test("a screen that is not OpenCode's is ignored", () => {
  expect(readScreen({ rows: ["$ ls", "a b c", "$ "] }).state).toBe("unknown");
  expect(readScreen({ rows: [] }).state).toBe("unknown");
});

test("in every recorded box, what is typed is a draft at any width, and an empty box has none", () => {
  const text = fc.stringMatching(/^[A-Za-z0-9.,;:()"'-][A-Za-z0-9.,;:()"' -]{0,120}$/);
  const boxes = fc.constantFrom("at-rest", "error", "interrupted", "busy-queued", "retrying");
  fc.assert(
    fc.property(boxes, text, fc.integer({ min: 10, max: 120 }), (name, typed, width) => {
      const rows = screenOf(name);
      const box = rows.findLastIndex((row) => row.trim() === "┃");
      const parts = (typed.match(new RegExp(`.{1,${width}}`, "g")) ?? []).map((part) => `  ┃  ${part}`);
      const full = [...rows.slice(0, box - 1), ...parts, ...rows.slice(box)];
      const draft = readScreen({ rows: full }).draft.replace(/\s+/g, "");
      expect(draft).toBe(typed.replace(/\s+/g, ""));
      expect(readScreen({ rows }).draft).toBe("");
    }),
    { numRuns: 200 },
  );
});
