/**
 * git obeys the settings of whoever runs it, and many of them change what it prints, refuses or does besides. Our own calls read
 * its output and hand it on as patches, so each such setting has one value here, whatever the user's config says. Not here: what
 * says who the user is, how to reach a server, or what belongs in a commit (identity, access, line ends, ignored files).
 */
const BEHAVIOUR = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.ignoreStat=false",
  // Written whole: the second file of a split index would be stored in the git folder of the call, which may be a private one.
  "core.splitIndex=false",
  "commit.gpgSign=false",
  "tag.gpgSign=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "fetch.prune=false",
  "fetch.pruneTags=false",
  "fetch.recurseSubmodules=false",
  "fetch.writeCommitGraph=false",
  "submodule.recurse=false",
  "merge.ff=true",
  "merge.autoStash=false",
  "merge.verifySignatures=false",
  "merge.stat=false",
  "clone.rejectShallow=false",
  "init.defaultBranch=main",
  "init.defaultRefFormat=files",
  "worktree.guessRemote=false",
  // Ours are UTF-8.
  "i18n.commitEncoding=utf-8",
  "i18n.logOutputEncoding=utf-8",
];

const OUTPUT = [
  "core.pager=cat",
  "core.quotePath=false",
  "core.abbrev=auto",
  "advice.detachedHead=false",
  "advice.addEmbeddedRepo=false",
  "color.ui=false",
  "color.status=false",
  "color.branch=false",
  "column.ui=never",
  "column.status=never",
  "status.branch=false",
  "status.showStash=false",
  "status.short=false",
  "status.relativePaths=true",
  "status.renames=false",
  "status.submoduleSummary=false",
  "log.showSignature=false",
  "log.showRoot=true",
  "log.abbrevCommit=false",
  "log.decorate=no",
  "log.date=default",
  "log.follow=false",
  "log.mailmap=false",
  "format.pretty=medium",
];

/** What a patch looks like. A human's own eyes get it as they like it. */
const PATCH = [
  "color.diff=false",
  "diff.noprefix=false",
  "diff.mnemonicPrefix=false",
  "diff.srcPrefix=a/",
  "diff.dstPrefix=b/",
  "diff.relative=false",
  "diff.renames=true",
  "diff.orderFile=/dev/null",
  "diff.context=3",
  "diff.interHunkContext=0",
  "diff.algorithm=default",
  "diff.submodule=short",
  "diff.ignoreSubmodules=none",
  "diff.suppressBlankEmpty=false",
  "diff.colorMoved=no",
  "diff.dirstat=changes",
];

const asOptions = (settings: readonly string[]): string[] => settings.flatMap((setting) => ["-c", setting]);

export const FIXED: readonly string[] = asOptions([...BEHAVIOUR, ...OUTPUT, ...PATCH]);

/** For a patch that a human looks at: its form follows their own settings. */
export const FIXED_FOR_DISPLAY: readonly string[] = asOptions([...BEHAVIOUR, ...OUTPUT, "color.diff=false"]);
