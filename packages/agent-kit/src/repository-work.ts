import { commandsOf } from "@agent-orchestrator/plugin-kit/commands/shell-line";

/** Subcommands of git that may create or move a branch or a commit. */
const CHANGING: ReadonlySet<string> = new Set(
  "am branch checkout cherry-pick commit merge pull push rebase reset revert switch tag".split(" "),
);
const FORGES: ReadonlySet<string> = new Set(["gh", "glab"]);
/** Options of git itself whose value is the next word. */
const TAKES_WORD: ReadonlySet<string> = new Set(["-C", "-c", "--git-dir", "--work-tree", "--namespace"]);

/**
 * What in a command line may have changed branch, commits or pull request, in two words (`git push`, `gh pr`). Null if nothing may. It is a
 * reason to look, so whatever can't be told counts: a line that a shell would expand, a line inside a line. Pure.
 */
export function repositoryWork(line: string): string | null {
  for (const words of commandsOf(line) ?? roughly(line)) {
    const found = workIn(words);
    if (found !== null) return found;
  }
  return null;
}

/** Without regard to quotes, because what stands in them may run. */
const roughly = (line: string): string[][] =>
  line.split(/[;&|(){}`\n\r]+/).map((part) => part.split(/[\s'"]+/).filter((word) => word !== ""));

/** Other programs may stand before it (`env`, `timeout 60`). */
function workIn(words: readonly string[]): string | null {
  for (const [at, word] of words.entries()) {
    const found = /\s/.test(word) ? repositoryWork(word) : callIn(word.split("/").at(-1) ?? "", words.slice(at + 1));
    if (found !== null) return found;
  }
  return null;
}

function callIn(program: string, rest: readonly string[]): string | null {
  const [next = ""] = rest;
  if (FORGES.has(program)) return /^\w/.test(next) ? `${program} ${next}` : null;
  if (program === "ao") return next === "pr" ? "ao pr" : null;
  if (program !== "git") return null;
  const subcommand = subcommandIn(rest);
  return CHANGING.has(subcommand) ? `git ${subcommand}` : null;
}

function subcommandIn(words: readonly string[]): string {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (TAKES_WORD.has(word)) at += 1;
    else if (!word.startsWith("-")) return word;
  }
  return "";
}
