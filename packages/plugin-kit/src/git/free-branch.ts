import { refInTheWay, trackedRemotes } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** Why no new branch of this name can be made, or null. Remote branches as last fetched count too. */
export async function branchInTheWay(repo: Repository, name: string): Promise<string | null> {
  const places = ["refs/heads", ...(await trackedRemotes(repo)).map((remote) => `refs/remotes/${remote}`)];
  for (const place of places) {
    const inTheWay = await refInTheWay(repo, `${place}/${name}`);
    // A remote's `feat` does not stop a local `feat/42`, but could not be fetched once that is pushed, so both are avoided.
    if (inTheWay !== null) return inTheWay.replace(/^refs\/(heads|remotes)\//, "");
  }
  return null;
}

/** The first free of `feat/42`, `feat/42-2`, …; where a branch `feat` makes all of them impossible: `feat-42`, …. */
export async function freeBranchName(repo: Repository, wanted: string, taken: readonly string[]): Promise<string> {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  const isParentTaken = await isFolderTaken(repo, wanted, used);
  const stem = isParentTaken ? wanted.replaceAll("/", "-") : wanted;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    if (!used.has(name.toLowerCase()) && (await branchInTheWay(repo, name)) === null) return name;
  }
}

async function isFolderTaken(repo: Repository, wanted: string, used: Set<string>): Promise<boolean> {
  const parts = wanted.split("/");
  for (let length = 1; length < parts.length; length += 1) {
    const folder = parts.slice(0, length).join("/");
    if (used.has(folder.toLowerCase())) return true;
    const inTheWay = await branchInTheWay(repo, folder);
    if (inTheWay !== null && !inTheWay.includes(`${folder}/`)) return true;
  }
  return false;
}
