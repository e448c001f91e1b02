import { expect, test } from "vitest";
import { readScreen } from "./screen.ts";
import { screenOf } from "./testing/replay.ts";

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
