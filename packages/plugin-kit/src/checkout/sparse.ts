import { join } from "node:path";
import { readSmallFile } from "../files/read-small.ts";
import { type ConfigEntry, repoConfig } from "../git/config.ts";
import { type GitHost, git } from "../git/run.ts";
import type { Checkout } from "../git/view.ts";

/** Limits a checkout to these paths, the project's `sparse`. Paths without wildcards are folders, as in git's cone mode. */
export async function setSparse(
  host: GitHost,
  checkout: Pick<Checkout, "gitDir" | "path">,
  patterns: readonly string[],
): Promise<void> {
  const isPlain = patterns.every((path) => /^[^*?[\\!#]+$/.test(path));
  await git(host, ["sparse-checkout", "set", isPlain ? "--cone" : "--no-cone", "--stdin"], {
    cwd: checkout.path,
    gitDir: checkout.gitDir,
    workTree: checkout.path,
    input: `${patterns.join("\n")}\n`,
  });
}

export interface Sparse {
  /** For `info/sparse-checkout`. */
  patterns: string;
  settings: ConfigEntry[];
}

/** The sparse checkout of the repository's main working tree, which git hands on to new worktrees. null: it is whole. */
export async function sparseOfMain(host: GitHost, commonDir: string): Promise<Sparse | null> {
  const { own } = await repoConfig(host, commonDir);
  const settings = own.filter(({ key }) => /^core\.sparsecheckout(?:cone)?$/.test(key));
  const isOn = settings.findLast(({ key }) => key === "core.sparsecheckout");
  if (isOn === undefined || isOn.value?.toLowerCase() === "false") return null;
  const patterns = await readSmallFile(join(commonDir, "info", "sparse-checkout"), 16 * 1024 * 1024);
  return patterns === null ? null : { patterns, settings };
}
