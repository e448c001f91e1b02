/** Commands that may change branch, commits or pull request. */
const CHANGING =
  /(?:^|[\s;&|(])(?:git\s+(?:-\S+\s+\S+\s+)*(?:commit|push|merge|rebase|cherry-pick|revert|switch|checkout|branch|reset|am|pull|tag)|gh|glab|ao\s+pr)\b/;

/** Whether a tool call was a git or forge command that changes something. */
export const changesRepository = ({ name, what }: { name: string; what: string }): boolean =>
  name === "Bash" && CHANGING.test(what);
