import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { readSmallFile } from "../files/read-small.ts";
import type { Repository } from "./repository.ts";

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const PACKED_MAX = 256 * 1024 * 1024;

/** The commit a full ref name points at, read from files: no process. null when there is no such ref. */
export async function readRef(repo: Repository, ref: string): Promise<string | null> {
  let name = ref;
  for (let depth = 0; depth < 5; depth += 1) {
    const text = (await readSmallFile(join(repo.commonDir, name), 4096))?.trim();
    if (text === undefined) return readPacked(repo, name);
    if (OBJECT_ID.test(text)) return text;
    const target = /^ref: (refs\/.+)$/.exec(text)?.[1];
    if (target === undefined) return null;
    name = target;
  }
  return null;
}

/** Where a symbolic ref such as `refs/remotes/origin/HEAD` points; null when it is none. */
export async function readSymbolicRef(repo: Repository, ref: string): Promise<string | null> {
  const text = (await readSmallFile(join(repo.commonDir, ref), 4096))?.trim();
  return /^ref: (refs\/.+)$/.exec(text ?? "")?.[1] ?? null;
}

export interface Head {
  /** Short branch name; null when detached. */
  branch: string | null;
  /** null: the branch has no commit yet. */
  sha: string | null;
}

/** HEAD of one checkout, read from files. */
export async function readHead(repo: Repository, gitDir: string): Promise<Head> {
  const text = (await readSmallFile(join(gitDir, "HEAD"), 4096))?.trim() ?? "";
  if (OBJECT_ID.test(text)) return { branch: null, sha: text };
  const ref = /^ref: (refs\/heads\/.+)$/.exec(text)?.[1];
  if (ref === undefined) throw new AoError("FAILED", `HEAD in ${gitDir} cannot be read`);
  return { branch: ref.slice("refs/heads/".length), sha: await readRef(repo, ref) };
}

/** Why a ref of this name cannot be made, or null: it is there, or one of its parents or children is. */
export async function refInTheWay(repo: Repository, ref: string): Promise<string | null> {
  const packed = (await packedRefs(repo)).toLowerCase();
  const parts = ref.split("/");
  for (let length = 3; length <= parts.length; length += 1) {
    const prefix = parts.slice(0, length).join("/");
    const kind = await lstat(join(repo.commonDir, prefix)).catch(() => null);
    if (kind?.isFile() === true || packed.includes(` ${prefix.toLowerCase()}\n`)) return prefix;
  }
  const below = packed.indexOf(` ${ref.toLowerCase()}/`);
  if (below !== -1) return packed.slice(below + 1, packed.indexOf("\n", below));
  return (await firstRefBelow(join(repo.commonDir, ref))) ? `${ref}/…` : null;
}

/** Names of the remotes that have tracking refs. */
export async function trackedRemotes(repo: Repository): Promise<string[]> {
  const loose = await readdir(join(repo.commonDir, "refs/remotes")).catch(() => []);
  const packed = [...(await packedRefs(repo)).matchAll(/ refs\/remotes\/([^/\n]+)\//g)].map((match) => match[1] ?? "");
  return [...new Set([...loose, ...packed])].sort();
}

/** Git's own rules for a branch name, and none that could be taken for an option. Throws USAGE. */
export function checkBranchName(name: string): void {
  const isBad =
    name === "" ||
    name.length > 200 ||
    name.startsWith("-") ||
    name === "HEAD" ||
    name === "@" ||
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(name) ||
    name.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock"));
  if (isBad) {
    throw new AoError("USAGE", `${JSON.stringify(name)} is not a valid branch name`, {
      hint: "Letters, digits, `-`, `_`, `.` and `/` are always fine.",
    });
  }
}

async function firstRefBelow(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile() && !entry.name.endsWith(".lock")) return true;
    if (entry.isDirectory() && (await firstRefBelow(join(dir, entry.name)))) return true;
  }
  return false;
}

const packedRefs = async (repo: Repository): Promise<string> =>
  (await readSmallFile(join(repo.commonDir, "packed-refs"), PACKED_MAX)) ?? "";

async function readPacked(repo: Repository, name: string): Promise<string | null> {
  const text = await packedRefs(repo);
  const at = text.indexOf(` ${name}\n`);
  if (at === -1) return null;
  const id = text.slice(text.lastIndexOf("\n", at) + 1, at);
  return OBJECT_ID.test(id) ? id : null;
}
