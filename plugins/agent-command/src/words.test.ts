import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitWords } from "./options.ts";

test.each([
  ["my-agent --go", ["my-agent", "--go"]],
  ["  a\tb  ", ["a", "b"]],
  [`sh -c 'echo $HOME; ls | wc'`, ["sh", "-c", "echo $HOME; ls | wc"]],
  [`a "b c" d\\ e ''`, ["a", "b c", "d e", ""]],
  [`a "say \\"hi\\" \\n"`, ["a", 'say "hi" \\n']],
  ["agent {prompt} --file={promptFile}", ["agent", "{prompt}", "--file={promptFile}"]],
  ["", []],
])("splits %j like a shell, without one", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test.each(["a | b", "a; b", "echo $HOME", 'echo "$HOME"', "a && b", "a > f", "echo `id`", "(a)"])(
  "refuses %j, which is shell syntax, and says what to write",
  (line) => {
    expect(() => splitWords(line)).toThrow(expect.objectContaining({ code: "CONFIG" }));
  },
);

test("says that a quote is open", () => {
  expect(() => splitWords("a 'b")).toThrow(/not closed/);
});

test("a real shell splits what it accepts in the same way", () => {
  const plain = fc.stringMatching(/^[a-z"' \\=-]{0,12}$/);
  fc.assert(
    fc.property(plain, (line) => {
      let words: string[];
      try {
        words = splitWords(line);
      } catch {
        return; // Not accepted, so there is nothing to compare.
      }
      if (line.endsWith("\\")) return;
      const shell = execFileSync("sh", ["-c", `for w in ${line}; do printf '[%s]' "$w"; done`], { encoding: "utf8" });
      expect(words.map((word) => `[${word}]`).join("")).toBe(shell);
    }),
    { numRuns: 150 },
  );
});
