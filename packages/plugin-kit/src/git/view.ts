import { lstat, mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecResult } from "../exec.ts";
import { makeFolder } from "../files/folders.ts";
import { readSmallFile } from "../files/read-small.ts";
import { removeTree } from "../files/remove-tree.ts";
import { configText, repoConfig } from "./config.ts";
import { type GitHost, type GitOptions, git } from "./run.ts";

/** One checkout: the repository's shared folder, the checkout's own git folder (the same for a main one), and its files. */
export interface Checkout {
  commonDir: string;
  gitDir: string;
  path: string;
}

export interface ViewOptions {
  /** Another index than the checkout's own. */
  indexFile?: string;
  /** Files are bytes: no filter, no line-end or encoding conversion, not even the user's. */
  raw?: boolean;
}

export interface View {
  /** Folder of the view; for short-lived files too. */
  dir: string;
  run(args: readonly string[], options?: GitOptions): Promise<ExecResult>;
}

/** What a view shares with the repository, as links. Hooks, config and per-checkout state are not among it. */
const SHARED = ["objects", "refs", "packed-refs", "shallow", "lfs"];

/**
 * Git on a checkout that a stranger may have prepared: it sees a private git folder with a config of ours, links to the
 * repository's objects and refs, and the checkout's own HEAD and index. `-c` cannot switch off filters, text conversions or
 * ssh commands whose names only the repository knows; leaving its config out can. The folder is gone afterwards.
 */
export async function withView<T>(
  host: GitHost,
  checkout: Checkout & ViewOptions,
  use: (view: View) => Promise<T>,
): Promise<T> {
  await makeFolder(host.scratch);
  const dir = await mkdtemp(join(host.scratch, "view-"));
  try {
    await furnish(host, checkout, dir);
    return await use({
      dir,
      run: (args, options = {}) =>
        git(host, args, {
          cwd: checkout.path,
          gitDir: dir,
          workTree: checkout.path,
          indexFile: checkout.indexFile ?? join(checkout.gitDir, "index"),
          ...options,
        }),
    });
  } finally {
    await removeTree(dir);
  }
}

async function furnish(host: GitHost, checkout: Checkout & ViewOptions, dir: string): Promise<void> {
  const { commonDir, gitDir } = checkout;
  const [head, config] = await Promise.all([
    readSmallFile(join(gitDir, "HEAD"), 4096),
    repoConfig(host, commonDir, gitDir),
    mkdir(join(dir, "info")),
    linkSplitIndex(gitDir, dir),
    ...SHARED.map(async (name) => {
      if (await exists(join(commonDir, name))) await symlink(join(commonDir, name), join(dir, name));
    }),
  ]);
  const own = config.own.filter(({ key }) => key !== "core.worktree" && key !== "core.bare");
  const entries = [...(config.hasConditionalIncludes ? config.user : []), ...own];
  const withoutIncludes = entries.filter(({ key }) => !/^include(if)?\./.test(key));
  const bare = { key: "core.bare", value: "false", scope: "local" };
  const noConversion = [
    { key: "core.autocrlf", value: "false", scope: "local" },
    { key: "core.safecrlf", value: "false", scope: "local" },
  ];
  await Promise.all([
    writeFile(join(dir, "HEAD"), head ?? "ref: refs/heads/main\n"),
    writeFile(join(dir, "config"), configText([...withoutIncludes, bare, ...(checkout.raw ? noConversion : [])]), {
      mode: 0o600,
    }),
    symlink(join(commonDir, "info/exclude"), join(dir, "info/exclude")),
    symlink(join(gitDir, "info/sparse-checkout"), join(dir, "info/sparse-checkout")),
    checkout.raw
      ? writeFile(join(dir, "info/attributes"), "* -text -eol -ident -filter -working-tree-encoding\n")
      : symlink(join(commonDir, "info/attributes"), join(dir, "info/attributes")),
  ]);
}

/** A split index names its other half, which git looks for next to HEAD. */
async function linkSplitIndex(gitDir: string, dir: string): Promise<void> {
  const names = await readdir(gitDir).catch(() => []);
  for (const name of names) {
    if (name.startsWith("sharedindex.")) await symlink(join(gitDir, name), join(dir, name));
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
