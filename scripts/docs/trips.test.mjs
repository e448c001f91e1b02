import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../lib.mjs";

const rows = readFileSync(join(root, "docs/trips.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, file, name] = /^\| `([^`]+\.ts)` \| `(\w+)` \|/.exec(line) ?? [];
    return file === undefined ? [] : [{ file, name }];
  });

test("the trips are lists", () => {
  expect(rows.length).toBeGreaterThan(40);
});

test.each(rows)("$file has $name", ({ file, name }) => {
  expect(existsSync(join(root, file)), `docs/trips.md names ${file}`).toBe(true);
  const text = readFileSync(join(root, file), "utf8");
  expect(text).toMatch(
    new RegExp(`(export (async )?(function|const|class) ${name}\\b|^ {2}(async )?${name}[<(])`, "m"),
  );
});
