// What `ao --version` prints: the version, and the commit of the sources. It stands next to the bundle and not in it, so that a commit
// which changes no source makes no other build.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStamp, root } from "./lib.mjs";

/** What a build is made of. Other changes do not modify it. */
const SOURCES = ["packages", "plugins", "schema", "scripts", "pnpm-lock.yaml"];

export const versionOf = (folder = root) =>
  JSON.parse(readFileSync(join(folder, "packages/cli/package.json"), "utf8")).version;

function git(folder, ...args) {
  const { status, stdout } = spawnSync("git", ["-C", folder, ...args], { encoding: "utf8" });
  return status === 0 ? stdout : null;
}

/** The commit that git wrote into an archive of the repository (.gitattributes). Empty in a checkout. */
function recordedCommit(folder) {
  const path = join(folder, "scripts/commit.txt");
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  return /^[0-9a-f]{7,}$/.test(text) ? text.slice(0, 7) : "";
}

/** `fb4a3e7`, `fb4a3e7, modified`, or nothing if there is no git or the folder is not the top of a repository. */
function commitOf(folder) {
  const [prefix, commit] = (git(folder, "rev-parse", "--show-prefix", "--short=7", "HEAD") ?? "").split("\n");
  if (prefix !== "" || !commit) return recordedCommit(folder);
  const changes = git(
    folder,
    "status",
    "--porcelain",
    "--",
    ...SOURCES.filter((path) => existsSync(join(folder, path))),
  );
  return changes === "" ? commit : `${commit}, modified`;
}

export function versionLine(folder = root) {
  const commit = commitOf(folder);
  return `ao ${versionOf(folder)}${commit === "" ? "" : ` (${commit})`}`;
}

/** Writes it for the program of this folder, if it is not there already. */
export function writeVersion(dist) {
  const path = join(dist, "version.txt");
  const line = `${versionLine()}\n`;
  if (readStamp(path) === line) return;
  mkdirSync(dist, { recursive: true });
  writeFileSync(`${path}.${process.pid}.tmp`, line);
  renameSync(`${path}.${process.pid}.tmp`, path);
}
