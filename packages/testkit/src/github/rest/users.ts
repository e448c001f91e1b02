import { randomBytes } from "node:crypto";
import { canSee } from "../domain/access.ts";
import { actorOf, byId, type Call, countedPage, created, NO_CONTENT, ok, page } from "../http/call.ts";
import { notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { App, Permissions, Token } from "../model/accounts.ts";
import { appView, fullUserView, installationView, organizationView } from "../views/accounts.ts";
import { repoView } from "../views/repos.ts";
import { fullName } from "../world.ts";

function me(call: Call) {
  const { token, account } = call.viewer;
  if (token === null || account === null) throw new Refusal(401, "Requires authentication");
  if (token.kind === "installation") throw new Refusal(403, "Resource not accessible by integration");
  return ok({
    ...fullUserView(call.urls, account),
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
    plan: { name: "free", space: 1, private_repos: 1, collaborators: 0 },
  });
}

function accountNamed(call: Call, name: string | undefined) {
  const account = call.world.accounts.get((name ?? "").toLowerCase());
  if (account === undefined) throw notFound();
  return account;
}

function jwtApp(call: Call): App {
  if (call.viewer.jwtApp === null) throw new Refusal(401, "A JSON web token could not be decoded");
  return call.viewer.jwtApp;
}

function installationOf(call: Call) {
  const app = jwtApp(call);
  return byId(
    call.world.installations.filter((one) => one.app === app),
    call.params.installation_id,
  );
}

function createInstallationToken(call: Call) {
  const installation = installationOf(call);
  const { world } = call;
  const wanted = call.body.permissions as Permissions | undefined;
  const names = call.body.repositories as string[] | undefined;
  const repositories =
    names === undefined ? installation.repositories : names.map((name) => `${installation.account.login}/${name}`);
  const token: Token = {
    value: `ghs_${randomBytes(18).toString("hex")}`,
    kind: "installation",
    account: installation.app.bot,
    scopes: [],
    permissions: wanted ?? installation.permissions,
    repositories,
    installation,
    isRevoked: false,
    expiresAt: world.now() + 3_600_000,
    ssoAuthorized: new Set(),
  };
  world.tokens.set(token.value, token);
  return created({
    token: token.value,
    expires_at: world.iso(world.now() + 3_600_000),
    permissions: token.permissions,
    repository_selection: repositories === null ? "all" : "selected",
  });
}

function installationRepos(call: Call) {
  const installation = call.viewer.token?.installation ?? null;
  if (installation === null)
    throw new Refusal(
      403,
      "You must authenticate with an installation access token in order to list repositories for an installation.",
    );
  const repos = call.world.repos.filter(
    (repo) =>
      repo.owner === installation.account &&
      (installation.repositories?.includes(fullName(repo)) ?? true) &&
      canSee(call.viewer, repo),
  );
  const answer = countedPage(call, repos, { key: "repositories", show: (repo) => repoView(call.urls, repo) });
  return {
    ...answer,
    body: { repository_selection: installation.repositories === null ? "all" : "selected", ...(answer.body as object) },
  };
}

export const userRoutes: Route[] = [
  route("GET /user", null, me),
  route("GET /users/{username}", null, (call) => ok(fullUserView(call.urls, accountNamed(call, call.params.username)))),
  route("GET /orgs/{org}", null, (call) => {
    const account = accountNamed(call, call.params.org);
    if (account.type !== "Organization") throw notFound();
    return ok(organizationView(call.urls, account));
  }),
  route("GET /app", null, (call) =>
    ok({ ...appView(call.urls, jwtApp(call)), installations_count: call.world.installations.length }),
  ),
  route("GET /app/installations", null, (call) => {
    const app = jwtApp(call);
    return page(
      call,
      call.world.installations.filter((one) => one.app === app),
      (one) => installationView(call.urls, one),
    );
  }),
  route("GET /app/installations/{installation_id}", null, (call) =>
    ok(installationView(call.urls, installationOf(call))),
  ),
  route("POST /app/installations/{installation_id}/access_tokens", null, createInstallationToken),
  route("GET /repos/{owner}/{repo}/installation", null, (call) => {
    const app = jwtApp(call);
    const found = call.world.installations.find(
      (one) =>
        one.app === app && one.account === call.repo.owner && (one.repositories?.includes(fullName(call.repo)) ?? true),
    );
    if (found === undefined) throw notFound();
    return ok(installationView(call.urls, found));
  }),
  route("GET /installation/repositories", null, installationRepos),
  route("DELETE /installation/token", null, (call) => {
    if (call.viewer.token?.kind !== "installation") throw notFound();
    call.viewer.token.isRevoked = true;
    return NO_CONTENT;
  }),
  route("GET /user/installations", null, (call) =>
    countedPage(
      call,
      call.world.installations.filter((one) => one.account === actorOf(call)),
      { key: "installations", show: (one) => installationView(call.urls, one) },
    ),
  ),
];
