import type { Account } from "../model/accounts.ts";
import type { Issue } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { fullName, isPull, type World } from "../world.ts";
import { closeIssue } from "./issues.ts";

const KEYWORD =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:(?:https?:\/\/[^\s/]+\/)?([\w.-]+\/[\w.-]+)(?:#|\/issues\/)|#|GH-)(\d+)/gi;

/** The issues that a text closes by GitHub's keywords. */
export function closedBy(world: World, repo: Repo, text: string): Issue[] {
  const found = new Set<Issue>();
  for (const [, where, number] of text.matchAll(KEYWORD)) {
    const [owner = "", name = ""] = (where ?? fullName(repo)).split("/");
    const issue = world.findRepo(owner, name)?.issues.get(Number(number));
    if (issue !== undefined && !isPull(issue)) found.add(issue);
  }
  return [...found];
}

export function closeByKeywords(
  world: World,
  repo: Repo,
  { text, actor, commitSha }: { text: string; actor: Account; commitSha: string },
): void {
  for (const issue of closedBy(world, repo, text)) closeIssue(world, issue, { actor, by: { commitSha } });
}
