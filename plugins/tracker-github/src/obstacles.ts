import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { assigneesOf, isClosed } from "./issue.ts";
import { parseReference } from "./reference.ts";

const LINKED = `query($owner: String!, $name: String!, $number: Int!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      closedByPullRequestsReferences(first: 10, includeClosedPrs: false) { nodes { number state author { login } } }
    }
  }
}`;

interface Answer {
  viewer: { login: string };
  repository: {
    issue: {
      closedByPullRequestsReferences: { nodes: { number: number; state: string; author: { login: string } | null }[] };
    } | null;
  };
}

/** It is closed, somebody else's, or somebody else has a pull request for it. */
export async function findObstacles(desk: Desk, issue: Issue, options?: CallOptions): Promise<string[]> {
  const { repo, number } = parseReference(issue.id, desk);
  const answer = await desk.github.graphql<Answer>(
    LINKED,
    { owner: repo.owner, name: repo.name, number },
    { what: `look for pull requests of issue ${number}`, ...options },
  );
  const me = answer.viewer.login;
  const assignees = assigneesOf(issue);
  const linked = answer.repository.issue?.closedByPullRequestsReferences.nodes ?? [];
  const theirs = linked.filter(({ state, author }) => state === "OPEN" && author?.login !== me);
  return [
    isClosed(issue) && `it is ${issue.state}`,
    assignees.length > 0 && !assignees.includes(me) && `it is assigned to ${assignees.join(", ")}`,
    ...theirs.map((pr) => `${pr.author?.login ?? "somebody"} has pull request #${pr.number} for it`),
  ].filter((reason) => typeof reason === "string");
}
