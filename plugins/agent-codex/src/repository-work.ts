/** Commands that may create a branch, commit or pull request. */
const WORK =
  /(?:^|[\s;&|('"])(git\s+(?:-\S+\s+\S+\s+)*(?:commit|push|merge|rebase|cherry-pick|reset|checkout|switch|am)|gh|ao\s+pr)\b/;

/** The part of a command that touched the repository or its forge, or null. */
export function repositoryWork(command: string): string | null {
  const found = WORK.exec(command)?.[1];
  return found === undefined ? null : found.replace(/\s+/g, " ");
}
