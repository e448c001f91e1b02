import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Demands, Repo } from "../model/repo.ts";

/** Refuses direct pushes to protected branches, in GitHub's words. */
const UPDATE_HOOK = `#!/bin/sh
grep -qxF "$1" protected-refs 2>/dev/null || exit 0
echo "error: GH006: Protected branch update failed for $1." >&2
echo "error: Changes must be made through a pull request." >&2
exit 1
`;

export async function setProtection(repo: Repo, branch: string, demands: Demands | null): Promise<void> {
  if (demands === null) repo.protections.delete(branch);
  else repo.protections.set(branch, demands);
  const closed = [...repo.protections].filter(
    ([, { requiredApprovals, requiredChecks }]) => requiredApprovals !== null || requiredChecks.length > 0,
  );
  await writeFile(join(repo.git.dir, "protected-refs"), closed.map(([name]) => `refs/heads/${name}\n`).join(""));
  const hook = join(repo.git.dir, "hooks", "update");
  await writeFile(hook, UPDATE_HOOK);
  await chmod(hook, 0o755);
}
