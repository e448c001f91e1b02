import type { Viewer } from "../model/accounts.ts";

/** The key of the budget that a viewer spends: a person's tokens share one, an installation has its own. */
export function budgetKey({ account, token, jwtApp }: Viewer): string {
  if (jwtApp !== null) return `app ${jwtApp.id}`;
  if (token?.installation != null) return `installation ${token.installation.id}`;
  return account === null ? "anonymous" : `user ${account.id}`;
}

export function tokenHeaders({ token }: Viewer, iso: (ms: number) => string): Record<string, string> {
  if (token === null) return {};
  return {
    ...(token.kind === "classic" ? { "x-oauth-scopes": token.scopes.join(", ") } : {}),
    ...(token.expiresAt === null || token.kind === "installation"
      ? {}
      : { "github-authentication-token-expiration": iso(token.expiresAt).replace("T", " ").replace("Z", " UTC") }),
  };
}
