import type { SessionRecord } from "../../model/session.ts";

const isRemote = (record: SessionRecord): boolean => /^https?:/.test(record.pr.snapshot?.info.url ?? "");

/** How every answer to the agent ends. */
export function finishWork(record: SessionRecord): string {
  const done = isRemote(record) ? `Commit on ${record.branch} and push it` : `Commit on ${record.branch}`;
  return `${done}; the pull request follows by itself. If you cannot, say why with \`ao report blocked --note "…"\`.`;
}
