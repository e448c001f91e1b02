import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TRIED } from "../launch/program.ts";
import { readScreen } from "./screen.ts";

const rowsOf = (version: string, name: string): string[] =>
  readFileSync(join(import.meta.dirname, "../fixtures", `claude-code-${version}`, "screens", name), "utf8").split("\n");
const read = (version: string, name: string) =>
  readScreen({ rows: rowsOf(version, `${name}.txt`), styledRows: rowsOf(version, `${name}.ansi`) });

test.each([
  ["suggestion", ""],
  ["suggestion-60", ""],
  ["blank", ""],
  ["half", "Re"],
  ["slash", "/co"],
  ["typed-60", "half a thought of the human that goes on beyond the end\nof its row and one more"],
])("recorded: of the box in %s only what was typed counts", (name, draft) => {
  expect(read("2.1.332", name)).toMatchObject({ draft, isPrompt: true });
});

/** Printable ASCII without a frame's own signs at its start. */
const words = fc.array(fc.stringMatching(/^[A-Za-z0-9.,;:%@()'"-]{2,12}$/), { minLength: 1, maxLength: 20 });

/** Wraps as the program does: at blanks, and in the middle of a word that is longer than a row. */
function wrapped(text: string, width: number): string[] {
  const rows = [""];
  for (const word of text.split(" "))
    for (const part of word.match(new RegExp(`.{1,${width}}`, "g")) ?? []) {
      const last = rows.at(-1) ?? "";
      if (last === "") rows[rows.length - 1] = part;
      else if (last.length + 1 + part.length <= width) rows[rows.length - 1] = `${last} ${part}`;
      else rows.push(part);
    }
  return rows;
}

const at = (row: number, text: string): string => `${row === 0 ? "❯\u00a0" : "  "}${text}`;

interface Drawn {
  rows: string[];
  styledRows: string[];
}

/** What was typed, with the cursor behind it. */
function typed(text: string, width: number): Drawn {
  const parts = wrapped(text, width);
  const rows = parts.map((part, row) => at(row, part));
  const cursor = "\u001b[7m \u001b[0m\u001b[39m\u001b[49m";
  return { rows, styledRows: rows.map((row, index) => `\u001b[39m${row}${index === rows.length - 1 ? cursor : ""}`) };
}

/** What is only drawn, dim, with the cursor on its first sign. A single sign under the cursor could be either. */
function suggested(text: string, width: number): Drawn {
  const parts = wrapped(text, width);
  const dim = (part: string, row: number) =>
    row === 0 ? `\u001b[39m❯\u00a0\u001b[7m${part[0]}\u001b[0;2m${part.slice(1)}` : `\u001b[2m  ${part}\u001b[0m`;
  return { rows: parts.map((part, row) => at(row, part)), styledRows: parts.map(dim) };
}

/** What was typed, and behind the cursor how it might go on. */
function half(text: string, rest: string): Drawn {
  const ghost = `\u001b[7m${rest[0]}\u001b[0;2m${rest.slice(1)}\u001b[0m`;
  return { rows: [at(0, `${text}${rest}`)], styledRows: [`\u001b[39m${at(0, text)}${ghost}`] };
}

/** All recorded screens that have an input box, with something else in it. */
const BOXES = TRIED.flatMap((version) =>
  ["idle", "draft", "working", "queued", "put-back", ...(version === "2.1.332" ? ["suggestion", "typed-60"] : [])].map(
    (name) => ({ version, name }),
  ),
);

function withBox({ version, name }: { version: string; name: string }, { rows, styledRows }: Drawn) {
  const recorded = { rows: rowsOf(version, `${name}.txt`), styledRows: rowsOf(version, `${name}.ansi`) };
  const isRule = (row: string): boolean => /^─{3,}.*─$/.test(row);
  const below = recorded.rows.findLastIndex(isRule);
  const above = recorded.rows.slice(0, below).findLastIndex(isRule);
  const inside = <T>(all: T[], box: T[]): T[] => [...all.slice(0, above + 1), ...box, ...all.slice(below)];
  return readScreen({ rows: inside(recorded.rows, rows), styledRows: inside(recorded.styledRows, styledRows) });
}

const blankless = (text: string | null): string => (text ?? "(no box)").replace(/\s+/g, "");

test("in every recorded box, at every width: what is typed is a draft, word for word, and what is drawn is none", () => {
  fc.assert(
    fc.property(fc.constantFrom(...BOXES), words, fc.integer({ min: 8, max: 160 }), (box, all, width) => {
      const text = all.join(" ");
      expect(blankless(withBox(box, typed(text, width)).draft)).toBe(blankless(text));
      expect(withBox(box, suggested(text, width)).draft).toBe("");
      const begun = text.slice(0, Math.ceil(text.length / 2)).trimEnd();
      expect(withBox(box, half(begun, `${text.slice(begun.length)} and so on`)).draft).toBe(begun);
    }),
    { numRuns: 500 },
  );
});
