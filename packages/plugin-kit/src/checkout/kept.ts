import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { readSmallFile } from "../files/read-small.ts";

/** What stands in the folder of kept work, and what each part is. See docs/decisions/0004-keep-before-remove.md. */
export const KEPT = {
  /** Written last: without it the folder is half-made. */
  manifest: "manifest.json",
  /** Everything that was in the checkout: see tree-list.ts. */
  tree: "tree.list",
  /** Files and links that the index does not have byte for byte. */
  files: "files",
  /** The checkout's own git folder: HEAD, index, operations in progress, submodules. */
  git: "git",
  /** Commits, and what else only this checkout used. */
  pack: "objects.pack",
  /** Files and folders with extended attributes: see xattrs.ts. */
  attributes: "attributes.tar",
  /** What the files looked like when they were copied: see seen.ts. Only until the checkout is removed. */
  seen: "seen.list",
  /** `late-1`, `late-2`, …: what was saved at the checkout's place after it had been moved away. */
  late: "late-",
} as const;

export interface Manifest {
  format: 1;
  workspace: string;
  sessionId: string | null;
  path: string;
  branch: string | null;
  headSha: string | null;
  /** The pack leaves out what these commits hold; the repository must have them when the work is brought back. */
  bases: string[];
  /** Name of the checkout's git folder in the repository. */
  gitName: string;
  bytes: number;
  /** Folders that were not kept because a build or an install makes them again. */
  skipped: string[];
  /** Pipes, sockets, devices. */
  left: string[];
  /** What could not be read, and was given up by the user. */
  unreadable?: string[];
  /** Paths with extended attributes, one character per byte. Null: nothing on this machine can read them. */
  xattrs?: string[] | null;
}

export async function readManifest(kept: string): Promise<Manifest | null> {
  const text = await readSmallFile(join(kept, KEPT.manifest), 16 * 1024 * 1024);
  if (text === null) return null;
  const manifest = JSON.parse(text) as Partial<Manifest>;
  if (manifest.format !== 1) {
    throw new AoError("STATE_NEWER", `the kept work in ${kept} was written by another version of ao`);
  }
  return manifest as Manifest;
}
