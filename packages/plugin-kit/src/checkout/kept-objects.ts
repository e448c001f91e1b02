import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { readSmallBytes } from "../files/read-small.ts";
import type { View } from "../git/view.ts";

/** Packing a long history takes its time. */
const DEADLINE_MS = 10 * 60_000;

/**
 * Packs every object that this checkout refers to: its commits, its index, and whatever its git folder names (operations in
 * progress, its reflog). Relative to `bases` where that is given: what these commits hold is left out.
 */
export async function packObjects(
  view: View,
  { gitCopy, pack, bases }: { gitCopy: string; pack: string; bases: readonly string[] },
): Promise<void> {
  const roots = await existing(view, [...(await namedObjects(gitCopy))]);
  const input = `${[...roots, ...bases.map((sha) => `^${sha}`)].join("\n")}\n`;
  const flags = ["--revs", "--indexed-objects", "--stdout", "-q", "--delta-base-offset", "--missing=allow-promisor"];
  await view.run(["pack-objects", ...flags], { input, outputFile: pack, timeoutMs: DEADLINE_MS });
  const handle = await open(pack, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Brings the packed objects into the repository. Nothing refers to them yet. */
export async function unpackObjects(view: View, pack: string): Promise<void> {
  if ((await objectCount(pack)) === 0) return;
  await view.run(["index-pack", "--stdin"], { inputFile: pack, timeoutMs: DEADLINE_MS });
}

async function objectCount(pack: string): Promise<number> {
  const handle = await open(pack, "r");
  try {
    const { buffer } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    return buffer.readUInt32BE(8);
  } finally {
    await handle.close();
  }
}

/** Throws when the repository lost a commit that the kept work builds on. */
export async function requireObjects(view: View, shas: readonly string[]): Promise<void> {
  const there = new Set(await existing(view, shas));
  const lost = shas.filter((sha) => !there.has(sha));
  if (lost.length === 0) return;
  throw new AoError("FAILED", `the repository no longer has the commit ${lost[0]} that the kept work builds on`, {
    hint: "Fetch it from wherever it still exists, then try again. The files themselves are in the kept folder.",
  });
}

async function existing(view: View, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const args = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
  const { stdout } = await view.run(args, { input: `${ids.join("\n")}\n` });
  return stdout.split("\n").flatMap((line) => /^([0-9a-f]{40,64}) (?:commit|tag|tree|blob)$/.exec(line)?.[1] ?? []);
}

/** Every object id in the text files of a git folder: HEAD, MERGE_HEAD, rebase-merge/*, logs/HEAD, refs/bisect/*, …. */
async function namedObjects(gitCopy: string): Promise<Set<string>> {
  const ids = new Set<string>();
  const visit = async (dir: string): Promise<void> => {
    for (const name of await readdir(dir)) {
      const path = join(dir, name);
      const stat = await lstat(path);
      // Submodules have their objects with them, in their own folders.
      if (stat.isDirectory() && name !== "modules" && name !== "objects" && name !== "lfs") await visit(path);
      if (!stat.isFile() || name === "index" || name.startsWith("sharedindex.")) continue;
      const text = (await readSmallBytes(path, 32 * 1024 * 1024))?.toString("latin1") ?? "";
      for (const match of text.matchAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g)) ids.add(match[0]);
    }
  };
  await visit(gitCopy);
  return ids;
}
