import type { KnownOptions } from "./options.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Of every command that shows a patch. `--output`, `--ext-diff`, `--textconv` and `--no-index` are left out on purpose: they write, run, or leave the repository. */
const DIFF_FLAGS = words(`
  -p -u --patch -s --no-patch --raw --minimal --patience --histogram --stat --compact-summary --numstat --shortstat --dirstat
  --cumulative --summary --patch-with-stat -z --name-only --name-status --no-color --color --word-diff --color-words
  --no-renames --check --full-index --binary --abbrev -B -M -C --find-renames --find-copies --find-copies-harder -R -a --text
  --ignore-cr-at-eol --ignore-space-at-eol -b -w --ignore-space-change --ignore-all-space --ignore-blank-lines -W
  --function-context --exit-code --quiet --no-ext-diff --no-textconv --cached --staged --merge-base --no-prefix --pickaxe-all
  --pickaxe-regex --indent-heuristic --ignore-submodules --submodule --relative --no-relative --cc -c -m`);
const DIFF_ATTACHED = words(`
  --stat --diff-algorithm --abbrev --color --word-diff --diff-filter --unified -U -M -C --find-renames --find-copies
  --inter-hunk-context --relative --submodule --ignore-submodules --dirstat --src-prefix --dst-prefix --ws-error-highlight
  --stat-width --color-moved --anchored`);
const DIFF: KnownOptions = { flags: DIFF_FLAGS, attached: DIFF_ATTACHED, texts: ["-S", "-G"] };

const LOG: KnownOptions = {
  flags: [
    ...DIFF_FLAGS,
    ...words(`
      --oneline --graph --all --branches --tags --remotes --first-parent --merges --no-merges --follow --reverse --topo-order
      --date-order --author-date-order -i --regexp-ignore-case --extended-regexp -E -F --fixed-strings --all-match --invert-grep
      --decorate --no-decorate --abbrev-commit --no-abbrev-commit --left-right --cherry-pick --cherry --full-history
      --simplify-merges --no-walk --boundary --relative-date --parents --children --show-signature --no-notes --notes -g
      --walk-reflogs --log-size --source --no-mailmap --mailmap`),
  ],
  attached: [
    ...DIFF_ATTACHED,
    ...words(`
      --format --pretty --date --since --after --until --before --author --committer --grep --max-count --skip --decorate
      --branches --tags --remotes --glob --exclude --min-parents --max-parents -n -L --notes`),
  ],
  texts: ["-S", "-G", "-n", "-L", "--since", "--until", "--author", "--grep"],
};

/**
 * The subcommands of git whose further words may be judged. The others may run only exactly as they are allowed: `bisect`, `submodule`,
 * `config`, `worktree`, `remote` and any alias can run whatever their words say.
 */
export const GIT_OPTIONS: Readonly<Record<string, KnownOptions>> = {
  status: {
    flags: words(`
      -s --short -b --branch --porcelain -v --verbose -u -uno -unormal -uall --untracked-files --ignored -z --long --show-stash
      --ahead-behind --no-ahead-behind --renames --no-renames --ignore-submodules`),
    attached: ["--porcelain", "--untracked-files", "--ignored", "--ignore-submodules", "--find-renames"],
  },
  diff: DIFF,
  log: LOG,
  show: LOG,
  add: {
    flags: words(
      "-A --all -u --update -v --verbose -n --dry-run -N --intent-to-add --renormalize --ignore-errors --no-all",
    ),
  },
  commit: {
    flags: words(`
      -a --all -q --quiet -v --verbose --amend --no-edit --allow-empty -s --signoff --dry-run --short --porcelain --long
      --status --no-status --reset-author`),
    texts: ["-m", "--message", "--trailer", "--fixup"],
    attached: ["--cleanup"],
    paths: ["-F", "--file"],
  },
  branch: {
    flags: words(
      "-a --all -r --remotes -v -vv --verbose --list -l --show-current --no-color --color --merged --no-merged",
    ),
    attached: ["--sort", "--format", "--color", "--contains", "--merged", "--no-merged", "--points-at"],
  },
  "rev-parse": {
    flags: words(`
      --verify -q --quiet --short --abbrev-ref --symbolic --symbolic-full-name --show-toplevel --show-prefix --show-cdup --git-dir
      --git-common-dir --absolute-git-dir --is-inside-work-tree --is-bare-repository --is-shallow-repository HEAD`),
    attached: ["--short", "--abbrev-ref", "--path-format"],
  },
  blame: {
    flags: words("-w -M -C -s -e -l -t -f -n -p --porcelain --line-porcelain"),
    texts: ["-L"],
    attached: ["-L", "--date"],
  },
  "ls-files": {
    flags: words(
      "-c -d -m -o -i -s -u -k -z -t -v --cached --deleted --modified --others --ignored --stage --exclude-standard --full-name",
    ),
  },
  grep: {
    flags: words(
      "-n -i -w -v -l -L -c -E -F -P -h -H -q --cached --untracked --line-number --count --name-only --break --heading",
    ),
    texts: ["-e", "-A", "-B", "-C", "-m"],
    attached: ["-A", "-B", "-C", "--max-depth", "--color"],
  },
  fetch: {
    flags: words("--all -p --prune -t --tags --no-tags -q --quiet -v --verbose --dry-run --unshallow"),
    attached: ["--depth"],
  },
  push: { flags: words("-u --set-upstream -q --quiet -v --verbose -n --dry-run --progress --no-progress") },
  pull: { flags: words("--rebase --no-rebase --ff-only --no-ff --ff --autostash -q --quiet -v --verbose --no-edit") },
  merge: {
    flags: words("--ff-only --no-ff --ff --squash --abort --continue --quit --no-edit --no-commit -q --quiet --stat"),
    texts: ["-m"],
  },
  rebase: {
    flags: words("--abort --continue --skip --quit --autostash --autosquash -q --quiet --no-stat"),
    attached: ["--onto"],
  },
  switch: { flags: words("-q --quiet --detach -d --guess --no-guess"), texts: ["-c", "--create"] },
  checkout: { flags: words("-q --quiet --detach -d --ours --theirs"), texts: ["-b"] },
  restore: { flags: words("-S --staged -W --worktree -q --quiet --ours --theirs"), attached: ["--source"] },
  stash: { flags: words("-q --quiet -u --include-untracked -k --keep-index --index"), texts: ["-m", "--message"] },
  tag: { flags: words("-l --list -n"), attached: ["--sort", "--format", "--contains", "--points-at"] },
  "cherry-pick": { flags: words("--abort --continue --skip --quit -x -n --no-commit --ff --no-edit") },
};

/** A refspec that forces, deletes or maps to another name is asked about. */
export const TAKES_REFSPECS: ReadonlySet<string> = new Set(["fetch", "pull", "push"]);
export const isPlainRefspec = (word: string): boolean => !word.startsWith("+") && !word.includes(":");
