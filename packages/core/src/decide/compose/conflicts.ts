import type { SessionRecord } from "../../model/session.ts";
import { finishWork } from "./finish.ts";

export function composeConflicts(record: SessionRecord): string {
  const { pr } = record;
  if (pr === null) return "";
  const { number, baseBranch, url } = pr.info;
  const base = /^https?:/.test(url) ? `origin/${baseBranch} (fetch it first)` : baseBranch;
  return [
    `Your pull request #${number} conflicts with ${baseBranch} and cannot be merged.`,
    `Merge ${base} into ${record.branch}, keep the intent of both sides, and run the tests. ${finishWork(record)}`,
  ].join("\n\n");
}
