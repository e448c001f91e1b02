import fc from "fast-check";
import { expect, test } from "vitest";
import { fixture, screenOf } from "../testing/fixture.ts";
import { isAnswered, parseConfirm } from "./confirm.ts";
import { readScreen } from "./screen.ts";

const read = (name: string) => readScreen(screenOf(fixture(name)));

test("its prompt, empty or with somebody's draft", () => {
  expect(read("01-first-prompt.txt")).toEqual({ kind: "prompt", draft: "", isMulti: false });
  expect(read("02-draft.txt")).toEqual({ kind: "prompt", draft: "half a thought\nand another line", isMulti: false });
  expect(read("08-multi.txt")).toEqual({ kind: "prompt", draft: "", isMulti: true });
});

test("a question, its subject, and its choices in aider's order", () => {
  const found = read("04-run-commands.txt");
  expect(found).toMatchObject({ kind: "confirm", above: ["python -m pytest -q", "echo done"] });
  if (found.kind !== "confirm") throw new Error("no question");
  expect(found.confirm.question).toBe("Run shell commands?");
  expect(found.confirm.choices.map(({ label }) => label)).toEqual(["Yes", "No", "Don't ask again"]);
});

test("a question that is wrapped", () => {
  const found = read("05-wrapped-question.txt");
  expect(found).toMatchObject({ kind: "confirm", above: ["src/a/rather/long/name.py"] });
  if (found.kind !== "confirm") throw new Error("no question");
  expect(found.confirm.question).toBe("Allow edits to file that has not been added to the chat?");
});

test("what somebody types as the answer", () => {
  const found = read("07-many-urls.txt");
  expect(found).toMatchObject({ kind: "confirm", confirm: { typed: "n" } });
  if (found.kind !== "confirm") throw new Error("no question");
  expect(found.confirm.choices.map(({ key }) => key).join("")).toBe("ynasd");
});

test("a spinner is neither", () => {
  expect(read("06-waiting.txt").kind).toBe("other");
});

test("a menu below the prompt does not hide it, because the cursor is there", () => {
  const screen = { rows: ["> /he", "/help  /history", "", ""], cursor: { row: 0, column: 5 } };
  expect(readScreen(screen)).toMatchObject({ kind: "prompt", draft: "/he" });
});

test("a draft longer than a row", () => {
  const screen = { rows: ["────────────", "> this goes", "on and on th", "ere"], cursor: { row: 3, column: 3 } };
  const wide = { ...screen, rows: ["────────────", "> this goes ", "on and on th", "ere"] };
  expect(readScreen(wide)).toMatchObject({ kind: "prompt", draft: expect.stringContaining("this goes") });
});

test("a question in the scrollback is past", () => {
  const rows = ["Create new file? (Y)es/(N)o [Yes]: y", "Applied edit to a", "", ">"];
  expect(readScreen({ rows, cursor: { row: 3, column: 2 } })).toMatchObject({ kind: "prompt" });
  const close = ["Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]: n", "──────────", ">"];
  expect(readScreen({ rows: close, cursor: { row: 2, column: 2 } })).toMatchObject({ kind: "prompt" });
});

test("question and answer as in the chat history", () => {
  expect(isAnswered("Create new file? (Y)es/(N)o [Yes]: y")).toBe(true);
  expect(isAnswered("Create new file? (Y)es/(N)o [Yes]:")).toBe(false);
  expect(parseConfirm("is this (Y)es/(N)o?")).toBe(null);
});

test("a draft is read whole at any width, in one line or several", () => {
  const line = fc.stringMatching(/^[A-Za-z0-9.,;:()"'-]{1,90}$/);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), fc.integer({ min: 60, max: 200 }), (lines, width) => {
      // Only the last line may be longer than a row. Above it there is the rule, as wide as the terminal.
      const [last = "", ...others] = [...lines].reverse();
      const typed = [...others.reverse().map((each) => each.slice(0, width - 3)), last];
      const rows = [
        "─".repeat(width),
        ...typed.flatMap((each) => `> ${each}`.match(new RegExp(`.{1,${width}}`, "g")) ?? []),
      ];
      const row = rows.length - 1;
      const seen = readScreen({ rows, cursor: { row, column: rows[row]?.length ?? 0 } });
      expect(seen.kind).toBe("prompt");
      if (seen.kind === "prompt") expect(typed.join("\n").endsWith(seen.draft) && seen.draft !== "").toBe(true);
    }),
    { numRuns: 300 },
  );
});
