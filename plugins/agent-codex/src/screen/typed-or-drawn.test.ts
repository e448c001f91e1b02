import fc from "fast-check";
import { expect, test } from "vitest";
import { recorded } from "../testing/recorded.ts";
import { hasDraft } from "./screen.ts";

const rowsOf = (name: string): string[] => recorded(name).split("\n");

/** Without a place, the cursor is at the end of the box. */
function read(name: string, box?: { rows: string[]; styledRows: string[]; cursor?: { row: number; column: number } }) {
  const rows = rowsOf(`${name}.txt`);
  const styledRows = rowsOf(`${name}.ansi`);
  const from = rows.findLastIndex((row) => row.startsWith("›"));
  const to = rows.findIndex((row, index) => index > from && row.trim() === "");
  if (box === undefined) return hasDraft({ rows, styledRows, cursor: null, title: null });
  const put = (all: string[], own: string[]): string[] => [...all.slice(0, from), ...own, ...all.slice(to)];
  const last = box.rows.length - 1;
  const at = box.cursor ?? { row: last, column: box.rows[last]?.length ?? 0 };
  const cursor = { row: from + at.row, column: at.column };
  return hasDraft({ rows: put(rows, box.rows), styledRows: put(styledRows, box.styledRows), cursor, title: null });
}

const BOXES = [
  "screen-suggestion",
  "screen-suggestion-60",
  "screen-typed-60",
  "screen-half",
  "screen-blank",
  "screen-slash",
];

test.each([
  ["screen-suggestion", false],
  ["screen-suggestion-60", false],
  ["screen-blank", false],
  ["screen-half", true],
  ["screen-slash", true],
  ["screen-typed-60", true],
])("recorded: that the box in %s holds a draft is %s", (name, holds) => {
  expect(read(name)).toBe(holds);
});

const words = fc.stringMatching(/^[A-Za-z0-9.,;:%@()'" -]{0,80}[A-Za-z0-9]$/);
const SIGN = "\u001b[1m›\u001b[0m\u001b[39m\u001b[49m ";

test("in every recorded box, at every width: what is typed is a draft, and what is drawn is none", () => {
  fc.assert(
    fc.property(fc.constantFrom(...BOXES), words, fc.integer({ min: 6, max: 120 }), (name, text, width) => {
      const parts = text.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
      const rows = parts.map((part, row) => `${row === 0 ? "›" : " "} ${part}`);
      const typed = parts.map((part, row) => (row === 0 ? `${SIGN}${part}` : `  ${part}`));
      const drawn = parts.map((part, row) => `${row === 0 ? SIGN : "  "}\u001b[2m${part}\u001b[0m\u001b[39m\u001b[49m`);
      expect(read(name, { rows, styledRows: typed })).toBe(true);
      expect(read(name, { rows, styledRows: drawn, cursor: { row: 0, column: 2 } })).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test("a draft that begins with empty lines is one", () => {
  const rows = ["›", "", "  text"];
  expect(read("screen-blank", { rows, styledRows: [SIGN, "", "  text"] })).toBe(true);
  expect(read("screen-blank", { rows: ["›", ""], styledRows: [SIGN, ""], cursor: { row: 1, column: 2 } })).toBe(true);
});
