import { canSee, roleOf } from "../domain/access.ts";
import { forkRepo } from "../domain/repos.ts";
import { accepted, actorOf, type Call, created, NO_CONTENT, ok, page, required, text } from "../http/call.ts";
import { invalid, notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import { ROLES, type Role } from "../model/accounts.ts";
import type { MergeMethod } from "../model/pull.ts";
import { permissionsOf, userView } from "../views/accounts.ts";
import { commitView, fullRepoView, repoApi, repoView } from "../views/repos.ts";
import { pullsOf } from "../world.ts";

const R = "/repos/{owner}/{repo}";

const shown = (call: Call) => fullRepoView(call.urls, call.repo, call.viewer.account);

async function updateRepo(call: Call) {
  const { repo, body } = call;
  const { settings } = repo;
  const [name, branch] = [text(call, "name"), text(call, "default_branch")];
  if (name !== undefined && name !== repo.name) {
    call.world.movedRepos.set(`${repo.owner.login}/${repo.name}`.toLowerCase(), repo);
    repo.name = name;
  }
  if (branch !== undefined) {
    if ((await repo.git.resolve(`refs/heads/${branch}`)) === null)
      throw invalid({ resource: "Repository", field: "default_branch", code: "invalid" });
    repo.defaultBranch = branch;
  }
  if (typeof body.has_issues === "boolean") settings.hasIssues = body.has_issues;
  if (typeof body.archived === "boolean") settings.isArchived = body.archived;
  if (typeof body.private === "boolean") repo.isPrivate = body.private;
  if (typeof body.delete_branch_on_merge === "boolean") settings.deleteBranchOnMerge = body.delete_branch_on_merge;
  if (typeof body.allow_auto_merge === "boolean") settings.allowAutoMerge = body.allow_auto_merge;
  const methods: [string, MergeMethod][] = [
    ["allow_merge_commit", "merge"],
    ["allow_squash_merge", "squash"],
    ["allow_rebase_merge", "rebase"],
  ];
  for (const [key, method] of methods) {
    if (body[key] === true) settings.allowedMethods.add(method);
    if (body[key] === false) settings.allowedMethods.delete(method);
  }
  if (settings.allowedMethods.size === 0)
    throw invalid({ resource: "Repository", field: "merge_commit_allowed", code: "invalid" });
  repo.updatedAt = call.world.iso();
  return ok(shown(call));
}

async function createRepo(call: Call) {
  const owner = actorOf(call);
  const name = required(call, "name", "Repository");
  if (call.world.findRepo(owner.login, name) !== null) {
    throw invalid({
      resource: "Repository",
      field: "name",
      code: "custom",
      message: "name already exists on this account",
    });
  }
  const repo = await call.world.addRepo(`${owner.login}/${name}`, {
    isPrivate: call.body.private === true,
    description: text(call, "description") ?? null,
  });
  return created(fullRepoView(call.urls, repo, owner));
}

/** GitHub knows five roles, and shows them as four permissions. */
const LEGACY: Record<Role, string> = {
  none: "none",
  read: "read",
  triage: "read",
  write: "write",
  maintain: "write",
  admin: "admin",
};

function permission(call: Call) {
  const account = call.world.accounts.get((call.params.username ?? "").toLowerCase());
  if (account === undefined) throw new Refusal(404, `${call.params.username} is not a user`);
  const role = roleOf(account, call.repo);
  const user = { ...userView(call.urls, account), permissions: permissionsOf(account, call.repo), role_name: role };
  return ok({ permission: LEGACY[role], user, role_name: role });
}

function collaborators(call: Call) {
  const logins = [
    ...new Set([
      ...(call.repo.owner.type === "User" ? [call.repo.owner.login] : []),
      ...call.repo.collaborators.keys(),
    ]),
  ];
  const accounts = logins.map((login) => call.world.account(login));
  return page(call, accounts, (account) => ({
    ...userView(call.urls, account),
    permissions: permissionsOf(account, call.repo),
    role_name: roleOf(account, call.repo),
  }));
}

function branchView(call: Call, name: string, sha: string) {
  const isProtected = call.repo.protections.has(name);
  return {
    name,
    commit: { sha, url: `${repoApi(call.urls, call.repo)}/commits/${sha}` },
    protected: isProtected,
    protection: { enabled: isProtected, required_status_checks: checksSummary(call, name) },
    protection_url: `${repoApi(call.urls, call.repo)}/branches/${name}/protection`,
  };
}

function checksSummary({ repo }: Call, branch: string) {
  const demands = repo.protections.get(branch);
  const checks = (demands?.requiredChecks ?? []).map(({ context, appId }) => ({ context, app_id: appId }));
  const level = checks.length === 0 ? "off" : demands?.enforcesAdmins === true ? "everyone" : "non_admins";
  return { enforcement_level: level, contexts: checks.map(({ context }) => context), checks };
}

async function listBranches(call: Call) {
  const refs = [...(await call.repo.git.refs())].map(([ref, sha]): [string, string] => [
    ref.slice("refs/heads/".length),
    sha,
  ]);
  const wanted = call.query.get("protected");
  const found = refs.filter(([name]) => wanted === null || call.repo.protections.has(name) === (wanted === "true"));
  return page(call, found, ([name, sha]) => branchView(call, name, sha));
}

function putCollaborator(call: Call) {
  const account = call.world.accounts.get((call.params.username ?? "").toLowerCase());
  if (account === undefined) throw notFound();
  const wanted = { pull: "read", push: "write" }[text(call, "permission") ?? "push"] ?? text(call, "permission");
  const role = ROLES.find((one) => one === wanted);
  if (role === undefined) throw invalid({ resource: "Repository", field: "permission", code: "invalid" });
  call.repo.collaborators.set(account.login, role);
  return NO_CONTENT;
}

export const repoRoutes: Route[] = [
  route(`GET ${R}`, "metadata:read", (call) => ok(shown(call))),
  route(`PATCH ${R}`, "administration:write by admin", updateRepo),
  route(`DELETE ${R}`, "administration:write by admin", (call) => {
    call.world.repos.splice(call.world.repos.indexOf(call.repo), 1);
    for (const pr of call.world.repos.flatMap(pullsOf)) if (pr.pull.headRepo === call.repo) pr.pull.headRepo = null;
    return NO_CONTENT;
  }),
  route("GET /user/repos", null, (call) => {
    const actor = actorOf(call);
    const mine = call.world.repos.filter(
      (repo) =>
        canSee(call.viewer, repo) &&
        (repo.owner === actor || repo.collaborators.has(actor.login) || repo.owner.members.has(actor.login)),
    );
    return page(call, mine, (repo) => ({ ...repoView(call.urls, repo), permissions: permissionsOf(actor, repo) }));
  }),
  route("POST /user/repos", null, createRepo),
  route(`GET ${R}/forks`, "metadata:read", (call) =>
    page(
      call,
      call.world.repos.filter((repo) => repo.parent === call.repo),
      (repo) => repoView(call.urls, repo),
    ),
  ),
  route(`POST ${R}/forks`, "administration:write|contents:read by read", async (call) => {
    const wanted = text(call, "organization");
    const owner = wanted === undefined ? actorOf(call) : call.world.account(wanted);
    return accepted(
      fullRepoView(call.urls, await forkRepo(call.world, call.repo, { owner, name: text(call, "name") }), owner),
    );
  }),
  route(`GET ${R}/collaborators`, "metadata:read by write", collaborators),
  route(`PUT ${R}/collaborators/{username}`, "administration:write by admin", putCollaborator),
  route(`DELETE ${R}/collaborators/{username}`, "administration:write by admin", (call) => {
    call.repo.collaborators.delete(call.params.username ?? "");
    return NO_CONTENT;
  }),
  route(`GET ${R}/collaborators/{username}`, "metadata:read by write", (call) => {
    if (!call.repo.collaborators.has(call.params.username ?? "")) throw notFound();
    return NO_CONTENT;
  }),
  route(`GET ${R}/collaborators/{username}/permission`, "metadata:read", permission),
  route(`GET ${R}/branches`, "contents:read", listBranches),
  route(`GET ${R}/branches/{branch}`, "contents:read", async (call) => {
    const name = call.params.branch ?? "";
    const sha = await call.repo.git.resolve(`refs/heads/${name}`);
    if (sha === null) throw new Refusal(404, "Branch not found");
    const api = `${repoApi(call.urls, call.repo)}/branches/${name}`;
    const commit = commitView(call.urls, call.repo, { commit: await call.repo.git.commit(sha), world: call.world });
    return ok({
      ...branchView(call, name, sha),
      commit,
      _links: { self: api, html: `${call.urls.html}/${call.repo.owner.login}/${call.repo.name}/tree/${name}` },
    });
  }),
];
