import { expect, test } from "vitest";
import { recorded } from "../testing/recorded.ts";
import { hasDraft, menuOf, readScreen } from "./screen.ts";

const rows = (name: string): string[] => recorded(name).split("\n");

test("the trust dialog is a notice with its two choices", () => {
  const menu = menuOf(rows("screen-trust.txt"));
  expect(menu).toMatchObject({ marked: 0, dialog: { kind: "notice", takesText: false } });
  expect(menu?.dialog.choices).toEqual(["Trust and continue", "Back to Agent Command Center"]);
  expect(menu?.dialog.text).toContain("Trust this folder?");
});

test.each([
  ["screen-trust.txt", "waiting_input"],
  ["screen-patch.txt", "waiting_input"],
  ["screen-working.txt", "active"],
  ["screen-idle.txt", "ready"],
])("%s reads as %s", (name, state) => {
  expect(readScreen({ rows: rows(name), title: null }).state).toBe(state);
});

test("a screen that is too small to read says nothing, and holds no draft", () => {
  const size = { columns: 80, rows: 10 };
  for (const name of ["screen-trust.txt", "screen-patch.txt", "screen-working.txt", "screen-idle.txt"]) {
    expect(readScreen({ rows: rows(name), title: null, size })).toMatchObject({ state: "unknown", menu: null });
    expect(hasDraft({ rows: rows(name), styledRows: null, cursor: { row: 49, column: 9 }, title: null, size })).toBe(
      false,
    );
  }
});

test("it is the same dialog if the mark is on another choice", () => {
  const moved = rows("screen-trust.txt").map((row) =>
    row.startsWith("› 1.") ? row.replace("›", " ") : row.replace(/^ {2}2\./, "› 2."),
  );
  expect(menuOf(moved)).toMatchObject({ marked: 1 });
  expect(menuOf(moved)?.dialog.id).toBe(menuOf(rows("screen-trust.txt"))?.dialog.id);
});

test("an answered list higher up does not count", () => {
  expect(menuOf([...rows("screen-patch.txt"), "› Ask Codex to do anything"])).toBe(null);
});

test.each([
  ["[ ! ] Action Required | wt", "waiting_input"],
  ["⠹ wt", "active"],
  ["wt", "unknown"],
])("the title %j alone reads as %s", (title, state) => {
  expect(readScreen({ rows: [], title }).state).toBe(state);
});

/** As tmux shows the input box, with colours. */
const EMPTY = "\u001b[1m›\u001b[0m\u001b[39m\u001b[49m \u001b[2mAsk Codex to do anything\u001b[0m";
const DRAFT = "\u001b[1m›\u001b[0m\u001b[39m\u001b[49m half a th";
const screen = (styled: string | null, row: string, column: number) => ({
  rows: ["", row],
  styledRows: styled === null ? null : ["", styled],
  cursor: { column, row: 1 },
  title: null,
});

test("an unfinished draft is distinguished from the box's own hint by colour or by the cursor", () => {
  expect(hasDraft(screen(EMPTY, "› Ask Codex to do anything", 2))).toBe(false);
  expect(hasDraft(screen(DRAFT, "› half a th", 11))).toBe(true);
  expect(hasDraft(screen(DRAFT, "› half a th", 2))).toBe(true);
  expect(hasDraft(screen("\u001b[1m›\u001b[0m ", "›", 2))).toBe(false);
  expect(hasDraft(screen(null, "› Ask Codex to do anything", 2))).toBe(false);
  expect(hasDraft(screen(null, "› half a th", 11))).toBe(true);
  expect(hasDraft({ rows: [], styledRows: null, cursor: null, title: null })).toBe(false);
});
