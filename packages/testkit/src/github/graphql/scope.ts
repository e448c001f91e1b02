import { canSee, demand, type Need, needsSso } from "../domain/access.ts";
import type { Urls } from "../http/call.ts";
import { Refusal } from "../http/failure.ts";
import type { Account, Viewer } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";
import type { World } from "../world.ts";

/** What every resolver knows. */
export interface Scope {
  world: World;
  viewer: Viewer;
  urls: Urls;
  cost: { points: number; nodes: number };
  budget: () => { limit: number; used: number; resetAt: number };
}

export interface PageArgs {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const cursorOf = (at: number): string => Buffer.from(`cursor:v2:${at}`).toString("base64");
const placeOf = (cursor: string): number => Number(Buffer.from(cursor, "base64").toString("utf8").split(":").at(-1));

/** A connection over a list. Shows only the nodes of the asked page. */
export function connection<T>(
  list: readonly T[],
  show: (one: T) => unknown,
): (args: PageArgs) => Record<string, unknown> {
  return ({ first, last, after, before }) => {
    let start = after == null ? 0 : placeOf(after) + 1;
    let end = before == null ? list.length : placeOf(before);
    if (first != null) end = Math.min(end, start + first);
    if (last != null) start = Math.max(start, end - last);
    const rows = list.slice(start, end).map((one, at) => ({ node: show(one), cursor: cursorOf(start + at) }));
    return {
      totalCount: list.length,
      nodes: rows.map(({ node }) => node),
      edges: rows,
      pageInfo: {
        hasNextPage: end < list.length,
        hasPreviousPage: start > 0,
        startCursor: rows[0]?.cursor ?? null,
        endCursor: rows.at(-1)?.cursor ?? null,
      },
    };
  };
}

export const empty = connection([], () => null);

export function actorOf({ viewer }: Scope): Account {
  if (viewer.account === null) throw new Refusal(401, "This endpoint requires you to be authenticated.");
  return viewer.account;
}

export function mustSee(scope: Scope, repo: Repo): boolean {
  if (!canSee(scope.viewer, repo)) return false;
  if (repo.isPrivate && needsSso(scope.viewer, repo)) {
    throw new Refusal(
      403,
      `Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.`,
    );
  }
  return true;
}

/** The same rights as for REST, in GraphQL's words. */
export function may(scope: Scope, repo: Repo, need: Need): void {
  try {
    demand(scope.viewer, repo, need);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const login = scope.viewer.account?.login ?? "anonymous";
    if (error.status === 404)
      throw new Refusal(403, `${login} does not have the correct permissions to execute this mutation`, {
        type: error.type === "INSUFFICIENT_SCOPES" ? error.type : "FORBIDDEN",
      });
    throw error;
  }
}

/** GitHub's resource paths are the links without the host. */
export const pathOf = (url: string): string => new URL(url).pathname;
