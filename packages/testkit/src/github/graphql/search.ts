import { canSee } from "../domain/access.ts";
import { searchTest } from "../rest/search.ts";
import { issueNode } from "./issue.ts";
import { connection, type PageArgs, type Scope } from "./scope.ts";

/** Issues and pull requests by GitHub's search words, newest first. */
export function search(scope: Scope, words: string, args: PageArgs): Record<string, unknown> {
  const test = searchTest(scope.world, words);
  const all = scope.world.repos
    .filter((repo) => canSee(scope.viewer, repo))
    .flatMap((repo) => [...repo.issues.values()]);
  const found = all
    .filter(test)
    .sort((a, b) => (a.createdAt === b.createdAt ? b.number - a.number : a.createdAt < b.createdAt ? 1 : -1));
  return {
    ...connection(found, (issue) => issueNode(scope, issue))(args),
    issueCount: found.length,
    repositoryCount: 0,
    userCount: 0,
    codeCount: 0,
    discussionCount: 0,
    wikiCount: 0,
  };
}
