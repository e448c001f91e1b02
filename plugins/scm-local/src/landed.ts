import type { Repository } from "./repository.ts";

const NOBODY = { NAME: "ao", EMAIL: "ao@localhost", DATE: "2001-01-01T00:00:00 +0000" };
const IDENTITY = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((who) => Object.entries(NOBODY).map(([key, value]) => [`GIT_${who}_${key}`, value])),
);

/**
 * The base as a commit that also descends from what landed in it. After a squash or rebase of the parent its commits are
 * not in the base while their changes are: without this they would count, be shown and conflict as changes of the child.
 * No ref ever points to the stand-in. `keep`: for calls that write into the project's store and read from there only.
 */
export async function withLanded(
  repository: Repository,
  { base, landed = [] }: { base: string; landed?: readonly string[] | undefined },
  keep = false,
): Promise<string> {
  const parents: string[] = [];
  for (const sha of landed) {
    const { exitCode } = await repository.lab(["merge-base", "--is-ancestor", sha, base], { okExits: [0, 1, 128] });
    // 128: git has removed it since; then nothing builds on it either.
    if (exitCode === 1) parents.push("-p", sha);
  }
  if (parents.length === 0) return base;
  const args = ["commit-tree", `${base}^{tree}`, "-p", base, ...parents];
  return (await repository.lab(args, { input: "stand-in\n", extraEnv: IDENTITY, keep })).stdout.trim();
}
