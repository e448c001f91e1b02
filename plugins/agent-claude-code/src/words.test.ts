import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TRIED } from "./launch/program.ts";
import { toRules } from "./launch/settings.ts";
import { wayOut } from "./screen/draft.ts";
import { isSameMessage, squeezed } from "./transcript/receipts.ts";
import { asOwnWords, asTyped } from "./words.ts";

test.each([
  ["plain words", "plain words"],
  ["!ls", " !ls"],
  ["?", " ?"],
  ["# note", " # note"],
  ["/etc/hosts is odd", " /etc/hosts is odd"],
  ["/clear the cache", "\\/clear the cache"],
  ["  /exit", "  \\/exit"],
  ["exit", "exit."],
  [":wq!", ":wq!."],
  ["exit the loop", "exit the loop"],
  ["@README.md is a name", "@README.md is a name"],
  ["- item", "- item"],
  ["a\u001b[31mb\u0007  \n", "a[31mb"],
])("%j is typed as %j", (text, words) => {
  expect(asOwnWords(text, "2.1.332")).toBe(words);
});

test("if a blank turns a command into text, nothing else changes", () => {
  expect(asOwnWords("/clear the cache", "2.1.197")).toBe(" /clear the cache");
});

/** Beginnings of commands, words that end it, characters that it drops, and anything. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(..."! ? # & / \\ @ { exit quit :q :q! :wq /exit /clear /model exit\u202e \ufeff/exit".split(" ")),
      fc.constantFrom(" ", "\n", "\t", "\u200b", "\u202e", "\u0000", "e\u0301", "👩‍🚀", "\ud800"),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(""))
  .filter((text) => cleanMessage(text).trim() !== "");

test.each(TRIED)("%s: whatever a message is, it is typed as words, and its receipt fits", (version) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const words = asTyped(asOwnWords(text, version));
      // What the program looks at: newer versions strip blanks before they look for a slash.
      expect(words).not.toMatch(/^[!?#&/]/);
      if (version !== "2.1.197") expect(words.trim()).not.toMatch(/^\/[A-Za-z][\w:.-]*(?:\s|$)/);
      expect(["exit", "quit", ":q", ":q!", ":wq", ":wq!"]).not.toContain(words.trim());
      const reported = words.trim().normalize("NFC");
      expect(isSameMessage(reported, words)).toBe(true);
      // Only what keeps it from being a command was added.
      const added = [...squeezed(words)].length - [...squeezed(cleanMessage(text))].length;
      expect(added === 0 || added === 1).toBe(true);
    }),
    { numRuns: 1_500 },
  );
});

test("our text before the cursor takes as many keys as it has characters", () => {
  const keys = (before: string, ours: string, after = "") => {
    const way = wayOut({ before, after }, ours);
    return way === null ? null : [way.left, way.back];
  };
  expect(keys("half a thought of the humfrom outside ", "from outside ")).toEqual([0, 13]);
  expect(keys("from outside  hello", "from outside ")).toEqual([6, 13]);
  expect(keys("hfrom outside e", "from outside ", "llo")).toEqual([1, 13]);
  expect(keys("theirs", "from outside ")).toBeNull();
  expect(keys("the", "from outside ", "from outside irs")).toBeNull();
  expect(keys("theirsnaïve 👩‍👩‍👧‍👦 x ", "naïve 👩‍👩‍👧‍👦 x ")).toEqual([0, 10]);
  expect(keys("naïve 👍 hello", "naïve 👍 ")).toBeNull();
});

test("our text is gone when only theirs is left, even with more of it", () => {
  const isDone = (draft: string) => wayOut({ before: "hfrom outside ello", after: "" }, "from outside ")?.isDone(draft);
  expect(["hello", "hello world"].map(isDone)).toEqual([true, true]);
  expect(["hfrom outello", "hfello world", "h", ""].map(isDone)).toEqual([false, false, false, false]);
  const isAlone = (draft: string) => wayOut({ before: "from outside ", after: "" }, "from outside ")?.isDone(draft);
  expect(["", "no", "from out"].map(isAlone)).toEqual([true, true, false]);
});

test("allowed commands become rules of the shell tool, and Claude's own rules stay unchanged", () => {
  const own = ["WebFetch(domain:example.com)", "mcp__github", "Read"];
  const rules = toRules("edits", ["npm test", ...own]);
  expect(rules).toContain("Bash(npm test:*)");
  expect(rules).toContain("Bash(git commit:*)");
  expect(rules).toEqual(expect.arrayContaining(own));
  expect(toRules("default", [])).toEqual([]);
});
