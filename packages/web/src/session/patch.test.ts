import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffRows } from "./diff-rows.ts";
import { highlight } from "./highlight.ts";
import { parsePatch } from "./patch.ts";
import { treeOf } from "./tree.ts";

const PATCH = `diff --git a/src/a.ts b/src/a.ts
index 1..2 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,3 @@ function a() {
 one
-two
+--- two
 three
\\ No newline at end of file
diff --git a/old name.txt b/new name.txt
similarity index 90%
rename from old name.txt
rename to new name.txt
diff --git a/b.png b/b.png
new file mode 100644
Binary files /dev/null and b/b.png differ
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-last
`;

describe("a patch", () => {
  const files = parsePatch(PATCH);

  it("has its files, and what became of each", () => {
    expect(files.map(({ path, from, change, isBinary }) => ({ path, from, change, isBinary }))).toEqual([
      { path: "src/a.ts", from: null, change: "changed", isBinary: false },
      { path: "new name.txt", from: "old name.txt", change: "moved", isBinary: false },
      { path: "b.png", from: null, change: "added", isBinary: true },
      { path: "gone.txt", from: null, change: "deleted", isBinary: false },
    ]);
  });

  it("has its lines with their numbers, also those that look like a header", () => {
    expect(files[0]?.lines).toEqual([
      { kind: "hunk", text: "function a() {", before: 1, after: 1 },
      { kind: "context", text: "one", before: 1, after: 1 },
      { kind: "del", text: "two", before: 2, after: null },
      { kind: "add", text: "--- two", before: null, after: 2 },
      { kind: "context", text: "three", before: 3, after: 3 },
      { kind: "note", text: "No newline at end of file", before: null, after: null },
    ]);
    expect(files.map(({ added, deleted }) => [added, deleted])).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [0, 1],
    ]);
  });

  it("takes a line for what its hunk says, whatever is in it", () => {
    const line = fc.string({ unit: "binary", maxLength: 60 }).filter((text) => !text.includes("\n"));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        const body = lines.map((text) => `+${text}\n`).join("");
        const [file, ...more] = parsePatch(
          `diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,${lines.length} @@\n${body}`,
        );
        expect(more).toEqual([]);
        expect(file?.added).toBe(lines.length);
        expect(file?.lines.every(({ text }) => !/[\n\r\u001b]/.test(text))).toBe(true);
      }),
    );
  });

  it("is shown with its folders, and folded files without their lines", () => {
    expect(treeOf(files).map(({ folder, files: members }) => [folder, members.length])).toEqual([
      ["src", 1],
      ["", 3],
    ]);
    const rows = diffRows(files, {
      folded: new Set(["src/a.ts"]),
      comments: [{ path: "gone.txt", line: 9, body: "x" }],
    });
    expect(rows.map(({ kind }) => kind)).toEqual(["file", "file", "file", "file", "line", "line"]);
  });

  it("has a comment under the line that it is about", () => {
    const rows = diffRows(files, { folded: new Set(), comments: [{ path: "src/a.ts", line: 2, body: "why?" }] });
    const at = rows.findIndex(({ kind }) => kind === "said");
    expect(rows[at - 1]).toMatchObject({ line: { text: "--- two" } });
  });
});

describe("colours", () => {
  it("tell words, strings, numbers and comments apart", () => {
    expect(highlight('const a = "b"; // 1', "x.ts")).toEqual([
      { kind: "word", text: "const" },
      { kind: "plain", text: " a = " },
      { kind: "string", text: '"b"' },
      { kind: "plain", text: "; " },
      { kind: "comment", text: "// 1" },
    ]);
    expect(highlight("x = 12 # no", "a.py").map(({ kind }) => kind)).toEqual(["plain", "number", "plain", "comment"]);
  });

  it("change no character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.constantFrom("a.ts", "b.py", "c.sql", "d.md", "e"),
        (line, path) => {
          expect(
            highlight(line, path)
              .map(({ text }) => text)
              .join(""),
          ).toBe(line);
        },
      ),
    );
  });
});
