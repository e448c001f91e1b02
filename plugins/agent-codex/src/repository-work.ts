/** Commands after which a branch, commit or pull request may be new. */
const WORK =
  /(?:^|[\s;&|('"])(git\s+(?:-\S+\s+\S+\s+)*(?:commit|push|merge|rebase|cherry-pick|reset|checkout|switch|am)|gh|ao\s+pr)\b/;

/** The words by which a command touched the repository or its forge; null: it did not. */
export function repositoryWork(command: string): string | null {
  const found = WORK.exec(command)?.[1];
  return found === undefined ? null : found.replace(/\s+/g, " ");
}
