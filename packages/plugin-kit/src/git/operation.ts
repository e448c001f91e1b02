import { lstat } from "node:fs/promises";
import { join } from "node:path";

/** Files and folders of a checkout's git folder that tell of an operation in progress, most telling first. */
const MARKS: readonly [string, string][] = [
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "am"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["sequencer", "cherry-pick"],
  ["BISECT_LOG", "bisect"],
];

/** Returns `rebase`, `merge`, …, or null if none is in progress. Reads only files. */
export async function operationOf(gitDir: string): Promise<string | null> {
  for (const [mark, operation] of MARKS) {
    if (await lstat(join(gitDir, mark)).catch(() => null)) return operation;
  }
  return null;
}
