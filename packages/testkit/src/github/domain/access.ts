import { createPublicKey, createVerify } from "node:crypto";
import { notFound, Refusal } from "../http/failure.ts";
import type { Account, App, PermissionLevel, Role, Token, Viewer } from "../model/accounts.ts";
import { ROLES } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";
import { fullName, type World } from "../world.ts";

export const ANONYMOUS: Viewer = { account: null, token: null, jwtApp: null };

const badCredentials = () => new Refusal(401, "Bad credentials", { type: "UNAUTHENTICATED" });

/** The credential of an Authorization header, also of git's Basic form, where the password is the token. */
function credentialOf(header: string): string {
  const [scheme = "", value = ""] = header.split(/\s+/, 2);
  if (scheme.toLowerCase() !== "basic") return value;
  const [user = "", ...password] = Buffer.from(value, "base64").toString("utf8").split(":");
  return password.join(":") || user;
}

/** Who asks. Throws 401 for a credential that is unknown, revoked or expired. */
export function authenticate(world: World, header: string | undefined): Viewer {
  if (header === undefined || header === "") return ANONYMOUS;
  const value = credentialOf(header);
  if (value.split(".").length === 3) return { account: null, token: null, jwtApp: appOfJwt(world, value) };
  const token = world.tokens.get(value);
  if (token === undefined || token.isRevoked) throw badCredentials();
  if (token.expiresAt !== null && token.expiresAt <= world.now()) throw badCredentials();
  return { account: token.account, token, jwtApp: null };
}

function appOfJwt(world: World, jwt: string): App {
  const [head = "", claims = "", signature = ""] = jwt.split(".");
  const parse = (part: string) =>
    JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
  const refuse = (message: string) => new Refusal(401, message, { type: "UNAUTHENTICATED" });
  let payload: Record<string, unknown>;
  try {
    payload = parse(claims);
    if (parse(head).alg !== "RS256") throw new Error("not RS256");
  } catch {
    throw refuse("A JSON web token could not be decoded");
  }
  const app = world.apps.find(({ id }) => String(id) === String(payload.iss));
  if (app === undefined) throw refuse("'Issuer' claim ('iss') must be an Integer");
  const isSigned = createVerify("RSA-SHA256")
    .update(`${head}.${claims}`)
    .verify(createPublicKey(app.publicKey), Buffer.from(signature, "base64url"));
  if (!isSigned) throw refuse("A JSON web token could not be decoded");
  const now = world.now() / 1000;
  const [issued, expires] = [Number(payload.iat), Number(payload.exp)];
  if (!(expires > now))
    throw refuse(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (expires - issued > 660) throw refuse("'Expiration time' claim ('exp') is too far in the future");
  if (issued > now + 60)
    throw refuse("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  return app;
}

export const roleRank = (role: Role): number => ROLES.indexOf(role);

/** The role that a person has in a repository, without regard to the token. */
export function roleOf(account: Account | null, repo: Repo): Role {
  if (account === null) return repo.isPrivate ? "none" : "read";
  if (account.id === repo.owner.id) return "admin";
  const given = repo.collaborators.get(account.login);
  if (given !== undefined) return given;
  if (repo.owner.members.has(account.login)) return "read";
  return repo.isPrivate ? "none" : "read";
}

export const hasWrite = (account: Account, repo: Repo): boolean => roleRank(roleOf(account, repo)) >= roleRank("write");

/** `issues:write`, by GitHub's names of permissions. */
export type PermissionName = `${string}:${PermissionLevel}`;

export interface Need {
  /** Any one of these suffices for a fine-grained token or an app. */
  permissions: PermissionName[];
  /** What the person behind the token must be in the repository. */
  role: Role;
}

const LEVELS: readonly PermissionLevel[] = ["read", "write", "admin"];

function grants(token: Token, repo: Repo, wanted: PermissionName): boolean {
  if (token.repositories !== null && !token.repositories.includes(fullName(repo))) return false;
  const [name = "", level = "read"] = wanted.split(":");
  if (name === "metadata") return true;
  const has = token.permissions[name];
  return has !== undefined && LEVELS.indexOf(has) >= LEVELS.indexOf(level as PermissionLevel);
}

/** May this viewer see the repository at all? */
export function canSee(viewer: Viewer, repo: Repo): boolean {
  const { token, account } = viewer;
  if (!repo.isPrivate) return true;
  if (token === null || account === null) return false;
  if (token.repositories !== null && !token.repositories.includes(fullName(repo))) return false;
  if (token.kind === "installation") return token.installation?.account.id === repo.owner.id;
  if (token.kind === "classic" && !token.scopes.includes("repo")) return false;
  return roleOf(account, repo) !== "none";
}

export function needsSso(viewer: Viewer, repo: Repo): boolean {
  const { token } = viewer;
  return (
    token !== null &&
    token.kind !== "installation" &&
    repo.owner.requiresSso &&
    !token.ssoAuthorized.has(repo.owner.login)
  );
}

/** Throws GitHub's refusal when the viewer may not do what the call needs. */
export function demand(viewer: Viewer, repo: Repo, need: Need): void {
  if (!canSee(viewer, repo)) throw notFound();
  const isWrite = need.permissions.every((wanted) => !wanted.endsWith(":read"));
  if (needsSso(viewer, repo) && (repo.isPrivate || isWrite)) throw ssoRefusal(repo);
  const { token, account } = viewer;
  if (token === null || account === null) {
    if (isWrite) throw new Refusal(401, "Requires authentication", { type: "UNAUTHENTICATED" });
    return;
  }
  if (
    token.kind !== "classic" &&
    !(need.permissions.some((wanted) => grants(token, repo, wanted)) || (!isWrite && !repo.isPrivate))
  ) {
    const kind = token.kind === "installation" ? "integration" : "personal access token";
    throw new Refusal(403, `Resource not accessible by ${kind}`, {
      headers: { "x-accepted-github-permissions": need.permissions.join("; ").replaceAll(":", "=") },
    });
  }
  if (token.kind === "installation") return;
  if (token.kind === "classic" && isWrite) {
    const scopes = repo.isPrivate ? ["repo"] : ["repo", "public_repo"];
    if (!scopes.some((scope) => token.scopes.includes(scope))) {
      throw new Refusal(404, "Not Found", {
        headers: { "x-accepted-oauth-scopes": scopes.join(", ") },
        type: "INSUFFICIENT_SCOPES",
      });
    }
  }
  if (roleRank(roleOf(account, repo)) >= roleRank(need.role)) return;
  throw need.role === "admin" ? new Refusal(403, "Must have admin rights to Repository.") : notFound();
}

function ssoRefusal(repo: Repo): Refusal {
  const message =
    "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.";
  return new Refusal(403, message, {
    headers: {
      "x-github-sso": `required; url=https://github.com/orgs/${repo.owner.login}/sso?authorization_request=A`,
    },
    documentation: "https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/",
  });
}
