import { expect, it } from "vitest";
import { missingPrograms } from "./needed-programs.ts";

const PATH = "/usr/bin:/bin";
const missing = (...lines: string[]) =>
  missingPrograms(
    lines.map((line, at) => ({ where: `ci.${at}`, line })),
    PATH,
  );

it.each<[string, string | null]>([
  ["ao-none -m pytest", "ao-none"],
  ["CI=1 NODE_ENV=test ao-none test", "ao-none"],
  ["cd packages/web && ao-none test", "ao-none"],
  ["/nonexistent/bin/tool --all", "/nonexistent/bin/tool"],
  ["test -f x && ao-none", "ao-none"],
  // Installed, or not a program of this machine.
  ["sh -c 'ao-none'", null],
  ["/bin/sh x", null],
  ["./gradlew test", null],
  ["scripts/ci.sh", null],
  ["echo done", null],
  // An earlier program may have installed it.
  ["sh install.sh && ao-none", null],
  ["PATH=node_modules/.bin ao-none", null],
  // More than plain commands, so nothing is guessed.
  ["if true; then ao-none; fi", null],
  ["ao-none > log 2>&1", null],
  ["$(which ao-none) x", null],
  ["ao-none $FLAGS", null],
  ["(ao-none)", null],
  ["", null],
])("%j needs a program that is missing: %s", (line, program) => {
  expect(missing(line).map((one) => one.program)).toEqual(program === null ? [] : [program]);
});

it("names a program once, with every place that needs it", () => {
  expect(missing("ao-none a", "ao-other", "ao-none b", "true")).toEqual([
    { program: "ao-none", where: ["ci.0", "ci.2"] },
    { program: "ao-other", where: ["ci.1"] },
  ]);
});
