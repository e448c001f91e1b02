import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plainWithoutDim } from "@agent-orchestrator/plugin-kit/typed-text";
import { expect, test } from "vitest";
import { TRIED } from "../launch/program.ts";
import { readScreen } from "./screen.ts";

const file = (version: string, name: string): string[] =>
  readFileSync(join(import.meta.dirname, "../fixtures", `claude-code-${version}`, "screens", name), "utf8").split("\n");
const plain = (version: string, name: string) => readScreen({ rows: file(version, `${name}.txt`), styledRows: null });
const styled = (version: string, name: string) =>
  readScreen({ rows: file(version, `${name}.txt`), styledRows: file(version, `${name}.ansi`) });

for (const version of TRIED) {
  test.each([
    ["idle", ""],
    ["queued", ""],
    ["draft", "a human's draft\nwith two lines"],
    ["put-back", "%%slow 20 ;; %%say never"],
  ])(`${version}: of the input box in %s only what somebody typed counts`, (name, draft) => {
    expect(styled(version, name).draft).toBe(draft);
  });

  test(`${version}: a draft that is taller than its box is one`, () => {
    expect(styled(version, "long-draft").draft).toMatch(/line 58 of many\nline 59 of many$/);
  });

  test(`${version}: tells work from rest`, () => {
    expect(plain(version, "working").shows).toBe("working");
    expect(plain(version, "idle").shows).toBe("box");
  });

  test(`${version}: a screen that is too small to read is neither a box nor a dialog`, () => {
    for (const name of ["idle", "draft", "working", "permission-bash", "question", "trust"]) {
      for (const size of [
        { columns: 20, rows: 6 },
        { columns: 80, rows: 10 },
        { columns: 59, rows: 50 },
      ]) {
        const seen = readScreen({ rows: file(version, `${name}.txt`), styledRows: null, size });
        expect(seen).toMatchObject({ shows: "nothing", draft: null, dialog: null });
      }
    }
  });

  test(`${version}: a permission with its choices in their order`, () => {
    const { shows, draft, dialog } = plain(version, "permission-bash");
    expect([shows, draft]).toEqual(["dialog", null]);
    expect(dialog?.choices[0]).toEqual({ number: 1, label: "Yes", isSelected: true });
    expect(dialog?.choices[1]?.label).toMatch(/^Yes, and don’t ask again for/);
    expect(dialog?.choices.at(-1)?.label).toBe("No");
    expect(dialog?.text).toContain("python3 -c 1");
  });

  test(`${version}: a question's choices`, () => {
    const labels = plain(version, "question").dialog?.choices.map(({ label }) => label);
    expect(labels?.slice(0, 3)).toEqual(["Postgres", "SQLite", "Type something."]);
  });

  test.each(["trust", "api-key", "bypass-warning"])(
    `${version}: %s at the start is a dialog with two choices`,
    (name) => {
      const { shows, dialog } = plain(version, name);
      expect(shows).toBe("dialog");
      expect(dialog?.choices).toHaveLength(2);
      expect(dialog?.choices.filter(({ isSelected }) => isSelected)).toHaveLength(1);
    },
  );

  test(`${version}: the first set-up is a dialog, and the menu of rewinds no input box`, () => {
    expect(plain(version, "onboarding").shows).toBe("dialog");
    expect(plain(version, "rewind")).toMatchObject({ shows: "dialog", draft: null });
  });
}

const PANEL_CHOICES = [
  "Yes",
  "Yes, and don’t ask again for: curl aa *",
  "Yes, and switch to auto mode · auto mode handles these prompts for you",
  "No",
];

test("2.1.332: the panel of changed files next to a dialog is not part of it", () => {
  const { dialog } = plain("2.1.332", "permission-panel");
  expect(dialog?.choices.map(({ label }) => label)).toEqual(PANEL_CHOICES);
  expect(dialog?.text).toMatch(/^Bash command\n.*\nRun a command\ncurl aa\nThis command/);
});

test("2.1.332: a choice that takes two rows is whole, wide signs and the panel notwithstanding", () => {
  const rows = file("2.1.332", "permission-panel.txt").flatMap((row) => {
    if (!row.includes("2. Yes")) return [row];
    const width = row.indexOf("│");
    const long = `   2. Yes, and don’t ask again for: curl 漢字 ${"x".repeat(58)}`;
    return [`${long.padEnd(width - 2)}│`, `${"      yyyyyyyy *".padEnd(width)}│`];
  });
  const labels = readScreen({ rows, styledRows: null }).dialog?.choices.map(({ label }) => label);
  expect(labels).toHaveLength(4);
  expect(labels?.[1]).toBe(`Yes, and don’t ask again for: curl 漢字 ${"x".repeat(58)} yyyyyyyy *`);
});

test.each(["✻ API error · Retrying in 2s · attempt 2/10", "✻ 429 Too many requests · retrying in 13s · attempt 4/10"])(
  "a program that retries is working: %s",
  (row) => {
    const rows = ["● API error · retrying in 2s", row, "", "─".repeat(20), "❯ ", "─".repeat(20)];
    expect(readScreen({ rows, styledRows: null })).toMatchObject({ shows: "working", isRetrying: true });
    const other = rows.filter((each) => each !== row);
    expect(readScreen({ rows: other, styledRows: null })).toMatchObject({ shows: "box", isRetrying: false });
  },
);

test("2.1.332: a dialog of keys only has no choices", () => {
  expect(plain("2.1.332", "auto").dialog).toMatchObject({ choices: [], text: expect.stringContaining("can't check") });
});

test.each([
  ['\u001b[39m❯ \u001b[7mT\u001b[27;2mry "fix it"\u001b[0m', "❯ "],
  ["\u001b[39m❯ \u001b[7m \u001b[0m", "❯  "],
  ["❯ he\u001b[7ml\u001b[27mlo", "❯ hello"],
  ["❯ \u001b[38;5;2mgreen\u001b[0m\u001b[2mghost\u001b[22m", "❯ green"],
  ["❯ \u001b[48;2;2;7;2mx\u001b[0m", "❯ x"],
])("what is drawn dim was typed by nobody: %j", (row, text) => {
  expect(plainWithoutDim(row)).toBe(text);
});

test("its own suggestion is not a draft, at whichever width it wraps", () => {
  const suggestion = "Resend your message once the service is back, or run /model to pick a different one";
  const rule = "─".repeat(100);
  for (let width = 2; width <= suggestion.length; width++) {
    const parts = suggestion.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
    const styledRows = parts.map((part, at) =>
      at === 0 ? `❯ \u001b[7m${part[0]}\u001b[0;2m${part.slice(1)}` : `\u001b[2m  ${part}\u001b[0m`,
    );
    const rows = parts.map((part, at) => `${at === 0 ? "❯ " : "  "}${part}`);
    const screen = { rows: [rule, ...rows, rule], styledRows: [rule, ...styledRows, rule] };
    expect(readScreen(screen).draft).toBe("");
  }
});

test.each([
  ["! ls", "  ! for shell mode"],
  ["❯ ", "  ⏵⏵ accept edits · enter to open · space to reply · ctrl+x to delete · ? for shortcuts"],
  ["❯ ", "  search prompts:   ⏵⏵ accept edits on"],
])("a box in which keys are no words for the model is no prompt: %j above %j", (row, below) => {
  const rule = "─".repeat(20);
  expect(readScreen({ rows: [rule, row, rule, below], styledRows: null }).isPrompt).toBe(false);
  expect(
    readScreen({ rows: [rule, "❯ ", rule, "  ! for shell mode    double tap esc"], styledRows: null }).isPrompt,
  ).toBe(true);
});

test("of a shell's box that is scrolled the line below tells", () => {
  const rows = ["─── ↑ 3 more ─────────", "  and more of it", "─".repeat(20)];
  const isPrompt = (below: string) => readScreen({ rows: [...rows, below], styledRows: null }).isPrompt;
  expect([isPrompt("  ! for shell mode"), isPrompt("  ⏵⏵ accept edits on")]).toEqual([false, true]);
});
