import { join } from "node:path";
import { readEndBytes } from "../files/read-small.ts";

/** More than any stretch of commits between two looks is expected to need. */
const MAX_LOG_BYTES = 64 << 10;
const LINE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [^\t]*\t(.*)$/;

/**
 * How many commits HEAD of a checkout has gained since it was at `from`, as its log tells, without a program. Null if the log tells
 * of anything but plain commits in a row (an amended one, a rebase, another branch), or not far enough back.
 */
export async function newCommits(gitDir: string, { from, to }: { from: string; to: string }): Promise<number | null> {
  if (from === to) return 0;
  const text = (await readEndBytes(join(gitDir, "logs/HEAD"), MAX_LOG_BYTES))?.toString("utf8");
  if (text === undefined) return null;
  let expected = to;
  let count = 0;
  for (const line of text.trimEnd().split("\n").reverse()) {
    const [, before, after, message = ""] = LINE.exec(line) ?? [];
    if (after !== expected || before === undefined || !message.startsWith("commit: ")) return null;
    count += 1;
    if (before === from) return count;
    expected = before;
  }
  return null;
}
