import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/**
 * A user's config in which every setting that changes what git prints, refuses or does in addition has an unusual value. All of
 * these values are ones that people use.
 */
const SETTINGS: Record<string, string> = {
  "core.abbrev": "40",
  "core.quotePath": "true",
  "core.pager": "false",
  "core.splitIndex": "true",
  "core.ignoreStat": "true",
  "core.commentChar": "auto",
  "core.whitespace": "-trailing-space",
  "color.ui": "always",
  "color.diff": "always",
  "color.status": "always",
  "color.branch": "always",
  "column.ui": "always",
  "diff.noprefix": "true",
  "diff.mnemonicPrefix": "true",
  "diff.srcPrefix": "old/",
  "diff.dstPrefix": "new/",
  "diff.relative": "true",
  "diff.renames": "copies",
  "diff.context": "0",
  "diff.interHunkContext": "40",
  "diff.algorithm": "patience",
  "diff.submodule": "log",
  "diff.external": "false",
  "diff.suppressBlankEmpty": "true",
  "diff.colorMoved": "zebra",
  "diff.wordRegex": ".",
  "diff.dirstat": "lines",
  "diff.indentHeuristic": "false",
  "status.short": "true",
  "status.branch": "true",
  "status.showStash": "true",
  "status.showUntrackedFiles": "no",
  "status.relativePaths": "false",
  "status.renames": "copies",
  "status.submoduleSummary": "true",
  "log.decorate": "full",
  "log.date": "relative",
  "log.showSignature": "true",
  "log.abbrevCommit": "true",
  "log.follow": "true",
  "log.showRoot": "false",
  "format.pretty": "oneline",
  "i18n.commitEncoding": "ISO-8859-1",
  "i18n.logOutputEncoding": "UTF-16",
  "branch.sort": "-committerdate",
  "tag.sort": "-version:refname",
  "advice.detachedHead": "true",
  "submodule.recurse": "true",
  "fetch.prune": "true",
  "fetch.pruneTags": "true",
  "fetch.output": "compact",
  "merge.ff": "false",
  "merge.autoStash": "true",
  "merge.stat": "true",
  "merge.log": "true",
  "merge.conflictStyle": "diff3",
  "merge.verifySignatures": "true",
  "pull.rebase": "true",
  "init.defaultBranch": "trunk",
  "init.defaultRefFormat": "reftable",
  "clone.defaultRemoteName": "upstream",
  "clone.rejectShallow": "true",
  "checkout.guess": "false",
  "worktree.guessRemote": "true",
  "grep.lineNumber": "true",
  "commit.gpgSign": "true",
  "commit.verbose": "true",
  "gpg.program": "false",
  "rerere.enabled": "true",
  "help.autoCorrect": "1",
};

/** Environment for git under that config, with the identity that `temp-repo` has. */
export function hostileGit(): Record<string, string> {
  const file = join(tempDir("ao-hostile-git"), "config");
  const order = join(file, "..", "order");
  writeFileSync(order, "z*\n");
  const all = { ...SETTINGS, "diff.orderFile": order, "user.name": "Test", "user.email": "test@example.invalid" };
  const lines = Object.entries(all).map(([key, value]) => {
    const [section = "", name = ""] = key.split(".");
    return `[${section}]\n\t${name} = ${JSON.stringify(value)}\n`;
  });
  writeFileSync(file, lines.join(""));
  return { GIT_CONFIG_GLOBAL: file, GIT_EXTERNAL_DIFF: "false", GIT_DIFF_OPTS: "-u0", GIT_PAGER: "false" };
}
