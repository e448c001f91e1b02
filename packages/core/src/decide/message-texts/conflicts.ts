import type { SessionRecord } from "../../model/session.ts";
import { plural, quote } from "../text.ts";
import { finishWork } from "./finish.ts";

export function composeConflicts(record: SessionRecord): string {
  const { snapshot: pr } = record.pr;
  if (pr === null) return "";
  const { number, baseBranch, url } = pr.info;
  const base = /^https?:/.test(url) ? `origin/${baseBranch} (fetch it first)` : baseBranch;
  const problem =
    pr.hasConflicts === true ? `conflicts with ${baseBranch}` : `lacks the newest commits of ${baseBranch}`;
  return [
    `Your pull request #${number} ${problem} and cannot be merged.`,
    ...detailsOf(record),
    `Merge ${base} into ${record.branch}, keep the intent of both sides, and run the tests. ${finishWork(record)}`,
  ].join("\n\n");
}

/** The files, and what the base has changed in them, as data. Empty if that is not known of this head. */
function detailsOf({ pr: { snapshot: pr, conflictDetails } }: SessionRecord): string[] {
  const found = conflictDetails?.headSha === pr?.headSha ? conflictDetails?.found : null;
  if (pr === null || !found || found.fileCount === 0) return [];
  const { files, fileCount, commits, commitCount } = found;
  const more = fileCount > files.length ? `\n(and ${fileCount - files.length} more)` : "";
  const since = `${pr.info.baseBranch} has ${plural(commitCount, "commit")} that ${pr.info.branch} lacks`;
  return [
    `The conflicts are in:\n${quote(files.join("\n"))}${more}`,
    commits.length === 0 ? `${since}.` : `${since}. The newest of them in these files:\n${quote(commits.join("\n"))}`,
  ];
}
