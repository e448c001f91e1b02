import type { Need } from "../domain/access.ts";
import { Refusal } from "../http/failure.ts";
import type { Account, Role } from "../model/accounts.ts";
import type { Issue, PullRequest } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { isPull } from "../world.ts";
import { actorOf, may, type Scope } from "./scope.ts";

const unresolved = (id: unknown) =>
  new Refusal(404, `Could not resolve to a node with the global id of '${String(id)}'.`, { type: "NOT_FOUND" });

const need = (permission: string, role: Role): Need => ({ permissions: [`${permission}:write`], role });

/** The object of a mutation, with the actor, once the viewer's rights are checked. */
export function issueFor(scope: Scope, id: unknown, role: Role = "triage"): { issue: Issue; actor: Account } {
  const issue = scope.world.node<Issue>("I", String(id)) ?? scope.world.node<Issue>("PR", String(id));
  if (issue === null) throw unresolved(id);
  const actor = actorOf(scope);
  may(scope, issue.repo, need(isPull(issue) ? "pull_requests" : "issues", issue.author === actor ? "read" : role));
  return { issue, actor };
}

export function pullFor(
  scope: Scope,
  id: unknown,
  wanted: { role?: Role; permission?: string } = {},
): { pr: PullRequest; actor: Account } {
  const pr = scope.world.node<PullRequest>("PR", String(id));
  if (pr === null) throw unresolved(id);
  may(scope, pr.repo, need(wanted.permission ?? "pull_requests", wanted.role ?? "write"));
  return { pr, actor: actorOf(scope) };
}

export function repoFor(
  scope: Scope,
  id: unknown,
  wanted: { role?: Role; permission?: string } = {},
): { repo: Repo; actor: Account } {
  const repo = scope.world.node<Repo>("R", String(id));
  if (repo === null) throw unresolved(id);
  may(scope, repo, need(wanted.permission ?? "contents", wanted.role ?? "write"));
  return { repo, actor: actorOf(scope) };
}

export function accountsFor(scope: Scope, ids: unknown): Account[] {
  return ((ids ?? []) as string[]).map((id) => {
    const account = scope.world.node<Account>("U", id) ?? scope.world.node<Account>("BOT", id);
    if (account === null) throw unresolved(id);
    return account;
  });
}

/** An optional string of an input. */
export const string = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
