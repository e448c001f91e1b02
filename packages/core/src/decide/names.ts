import { issueKey } from "../model/issue.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { isOver } from "./facts-of.ts";

const MAX_SLUG = 40;

/** Session prefix of a project without one: up to 4 letters as it is; else initials of its words; else 3 letters. */
export function sessionPrefix(projectId: string): string {
  const words = projectId.split(/[-_]+/).filter((word) => word !== "");
  if (words.length > 1) return projectId.length <= 4 ? words.join("") : words.map((word) => word[0]).join("");
  const word = words[0] ?? projectId;
  return word.length <= 4 ? word : word.slice(0, 3);
}

/** Words of a text for a branch or folder name: `a-z0-9` and single dashes, cut at a word. */
export function slug(text: string, max = MAX_SLUG): string {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (plain.length <= max) return plain;
  const cut = plain.slice(0, max + 1);
  const end = cut.lastIndexOf("-");
  return cut.slice(0, end > max / 2 ? end : max).replace(/-+$/, "");
}

/**
 * Text as a branch name that git takes and no shell, tmux or option parser misreads: letters, digits and `._/-` only.
 * Null when nothing is left of it.
 */
export function safeBranch(text: string): string | null {
  const parts = text
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}._/-]+/gu, "-")
    .split("/")
    .map((part) =>
      part
        .replace(/\.{2,}/g, ".")
        .replace(/-{2,}/g, "-")
        .replace(/^[.-]+|[.-]+$/g, "")
        .replace(/\.lock$/i, "-lock"),
    )
    .filter((part) => part !== "");
  const name = parts
    .join("/")
    .slice(0, 200)
    .replace(/[./-]+$/, "");
  return name === "" || name === "HEAD" ? null : name;
}

export interface BranchWords {
  /** The project's `branch:`; null: none is set. */
  template: string | null;
  user: string;
  issue: { id: string; title: string; branchName: string | null } | null;
  trackerBranch: string | null;
  prompt: string | null;
  /** `session/<id>`, for a session without any words. */
  fallback: string;
}

/** The project's template; else the issue's own name; else the tracker's; else the prompt's slug; else the session. */
export function branchFor(words: BranchWords): string {
  const { template, issue, trackerBranch, prompt, fallback } = words;
  const wanted = [
    template === null ? null : fillTemplate(template, words),
    issue?.branchName ?? null,
    trackerBranch,
    prompt === null ? null : slug(prompt),
  ];
  for (const name of wanted) {
    const safe = name === null ? null : safeBranch(name);
    if (safe !== null) return safe;
  }
  return fallback;
}

/** `{issue}` and `{slug}` without an issue or words become the last part of the fallback. */
function fillTemplate(template: string, { user, issue, prompt, fallback }: BranchWords): string {
  const last = fallback.slice(fallback.lastIndexOf("/") + 1);
  return template
    .replaceAll("{user}", slug(user))
    .replaceAll("{issue}", (issue === null ? "" : slug(issue.id)) || last)
    .replaceAll("{slug}", slug(issue?.title ?? prompt ?? "") || last);
}

/** The first free of `feat/42`, `feat/42-2`, `feat/42-3`, … Taken also: one that is a folder of a taken one, or in it. */
export function freeBranch(wanted: string, taken: ReadonlySet<string>): string {
  const clashes = (name: string): boolean =>
    [...taken].some((other) => other === name || other.startsWith(`${name}/`) || name.startsWith(`${other}/`));
  if (!clashes(wanted)) return wanted;
  for (let n = 2; ; n++) {
    const name = `${wanted}-${n}`;
    if (!clashes(name)) return name;
    if (n > taken.size + 2) return `${wanted.replaceAll("/", "-")}-${n}`;
  }
}

/** A live session for this issue (its `issueKey`) of this project, if there is one: a second is refused unless asked for. */
export function liveSessionOf(
  state: State,
  task: { instanceId: string; projectId: string; issueId: string },
): SessionRecord | null {
  const found = Object.values(state.sessions).find(
    (session) =>
      session.instanceId === task.instanceId &&
      session.projectId === task.projectId &&
      session.task.issue !== null &&
      issueKey(session.task.issue) === task.issueId &&
      !isOver(session),
  );
  return found ?? null;
}

export { findSession, type Scope } from "./find-session.ts";
export { parseSpawnArguments, taskInWords } from "./spawn-arguments.ts";
