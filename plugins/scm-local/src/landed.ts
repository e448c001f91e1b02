import type { Repository } from "./repository.ts";

const NOBODY = { NAME: "ao", EMAIL: "ao@localhost", DATE: "2001-01-01T00:00:00 +0000" };
const IDENTITY = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((who) => Object.entries(NOBODY).map(([key, value]) => [`GIT_${who}_${key}`, value])),
);

/**
 * Returns a stand-in for the base that also descends from what was merged into it. After a squash or rebase of the parent,
 * the base has its changes but not its commits. Without the stand-in these would count, show and conflict as changes of the
 * child. No ref ever points to the stand-in. `keep` is for calls that write to the project's store and read only from it.
 */
export async function withLanded(
  repository: Repository,
  { base, landed = [] }: { base: string; landed?: readonly string[] | undefined },
  keep = false,
): Promise<string> {
  const parents: string[] = [];
  for (const sha of landed) {
    const { exitCode } = await repository.lab(["merge-base", "--is-ancestor", sha, base], { okExits: [0, 1, 128] });
    // 128 means that git has removed it since, so nothing builds on it either.
    if (exitCode === 1) parents.push("-p", sha);
  }
  if (parents.length === 0) return base;
  const args = ["commit-tree", `${base}^{tree}`, "-p", base, ...parents];
  return (await repository.lab(args, { input: "stand-in\n", extraEnv: IDENTITY, keep })).stdout.trim();
}
