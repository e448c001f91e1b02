import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";

/** Messages of git and the system that map to error codes of ours. */
export function explainFailure(error: unknown, branch?: string): AoError {
  const known = toAoError(error);
  if (known.code !== "FAILED") return known;
  const said = `${known.message}\n${String(known.details?.stderr ?? "")}`;
  if (/No space left on device|ENOSPC|Disk quota exceeded/i.test(said)) {
    return new AoError("NO_SPACE", "the disk is full", { hint: "Free some disk space, then try again.", cause: error });
  }
  const elsewhere = /is already (?:checked out|used by worktree) at '([^']+)'/.exec(said)?.[1];
  if (elsewhere !== undefined) {
    return new AoError("REFUSED", `branch ${branch ?? ""} is checked out at ${elsewhere}`, {
      hint: "A branch cannot be in two checkouts. Choose another with `--branch`.",
      cause: error,
    });
  }
  if (/already exists|cannot lock ref|cannot create/.test(said) && branch !== undefined) {
    return new AoError("REFUSED", `branch ${branch} is taken`, {
      hint: "Choose another with `--branch`.",
      cause: error,
    });
  }
  return known;
}
