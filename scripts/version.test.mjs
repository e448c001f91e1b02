import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "./lib.mjs";
import { versionLine } from "./version.mjs";

let folder;
const git = (...args) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=n", "-c", "user.email=e", ...args], { encoding: "utf8" });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ao-version-"));
  mkdirSync(join(folder, "packages/cli"), { recursive: true });
  mkdirSync(join(folder, "scripts"));
  writeFileSync(join(folder, "packages/cli/package.json"), '{"version":"1.2.3"}');
  for (const name of ["scripts/commit.txt", ".gitattributes"]) cpSync(join(root, name), join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function commit() {
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Begin");
  return git("rev-parse", "HEAD").slice(0, 7);
}

it("names the commit, and says if the sources were changed since", () => {
  const head = commit();
  writeFileSync(join(folder, "notes.md"), "no source\n");
  expect(versionLine(folder)).toBe(`ao 1.2.3 (${head})`);
  writeFileSync(join(folder, "packages/cli/new.ts"), "");
  expect(versionLine(folder)).toBe(`ao 1.2.3 (${head}, modified)`);
});

it("names the commit of an archive that git made", () => {
  const head = commit();
  git("archive", "--output", "source.tar", "--prefix", "source/", "HEAD");
  execFileSync("tar", ["-xf", "source.tar"], { cwd: folder });
  expect(versionLine(join(folder, "source"))).toBe(`ao 1.2.3 (${head})`);
});

it("names no commit of a repository that happens to be around it, and none without git", () => {
  expect(versionLine(folder)).toBe("ao 1.2.3");
  const inner = join(folder, "vendor");
  for (const name of ["packages", "scripts"]) cpSync(join(folder, name), join(inner, name), { recursive: true });
  commit();
  expect(versionLine(inner)).toBe("ao 1.2.3");
});
