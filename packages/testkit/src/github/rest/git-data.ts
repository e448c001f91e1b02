import { moveRef } from "../domain/refs.ts";
import { ZERO } from "../git/bare.ts";
import { actorOf, type Call, created, NO_CONTENT, ok, page, required, text } from "../http/call.ts";
import { notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Account } from "../model/accounts.ts";
import { commitView, fileView, gitCommitView, repoApi, repoHtml } from "../views/repos.ts";
import { contentRoutes } from "./contents.ts";

const R = "/repos/{owner}/{repo}";

export const identityOf = (call: Call, account: Account) => ({
  name: account.name ?? account.login,
  email: account.email ?? `${account.id}+${account.login}@users.noreply.github.com`,
  at: call.world.now(),
});

function refView(call: Call, ref: string, sha: string) {
  const api = repoApi(call.urls, call.repo);
  return {
    ref,
    node_id: `REF_${Buffer.from(ref).toString("base64url")}`,
    url: `${api}/git/${ref}`,
    object: { sha, type: "commit", url: `${api}/git/commits/${sha}` },
  };
}

async function existing(call: Call): Promise<{ ref: string; sha: string }> {
  const ref = `refs/${call.params.ref}`;
  const sha = await call.repo.git.resolve(ref);
  if (sha === null) throw notFound();
  return { ref, sha };
}

async function createRef(call: Call) {
  const { git } = call.repo;
  const [ref, sha] = [required(call, "ref", "Reference"), required(call, "sha", "Reference")];
  if (!/^refs\/\w+\/./.test(ref))
    throw new Refusal(422, "Reference name must start with 'refs/' and contain at least two slashes.");
  if ((await git.resolve(sha)) === null) throw new Refusal(422, "Object does not exist");
  if ((await git.resolve(ref)) !== null) throw new Refusal(422, "Reference already exists");
  await moveRef(call.world, call.repo, { change: { ref, before: null, after: sha }, actor: actorOf(call) });
  return created(refView(call, ref, sha));
}

async function updateRef(call: Call) {
  const { git } = call.repo;
  const { ref, sha: before } = await existing(call).catch(() => {
    throw new Refusal(422, "Reference does not exist");
  });
  const after = required(call, "sha", "Reference");
  if ((await git.resolve(after)) === null) throw new Refusal(422, "Object does not exist");
  if (call.body.force !== true && !(await git.isAncestor(before, after)))
    throw new Refusal(422, "Update is not a fast forward");
  await moveRef(call.world, call.repo, { change: { ref, before, after }, actor: actorOf(call) });
  return ok(refView(call, ref, after));
}

async function deleteRef(call: Call) {
  const { ref, sha } = await existing(call).catch(() => {
    throw new Refusal(422, "Reference does not exist");
  });
  await moveRef(call.world, call.repo, { change: { ref, before: sha, after: null }, actor: actorOf(call) });
  return NO_CONTENT;
}

interface TreeRow {
  path?: string;
  mode?: string;
  type?: string;
  sha?: string | null;
  content?: string;
}

async function createTree(call: Call) {
  const { git } = call.repo;
  const base = text(call, "base_tree");
  const rows = (call.body.tree ?? []) as TreeRow[];
  const files: Record<string, string | null> = {};
  for (const { path = "", sha, content } of rows) {
    if (content !== undefined) files[path] = content;
    else files[path] = sha === null || sha === undefined ? null : await git.run(["cat-file", "blob", sha]);
  }
  return created(await treeView(call, await git.treeWith(base ?? null, files), false));
}

async function treeView(call: Call, sha: string, isRecursive: boolean) {
  const api = repoApi(call.urls, call.repo);
  const out = await call.repo.git.run(["ls-tree", "-z", "-l", ...(isRecursive ? ["-r", "-t"] : []), sha]);
  const tree = out
    .split("\0")
    .filter(Boolean)
    .map((row) => {
      const [head = "", path = ""] = row.split("\t");
      const [mode, type, id, size] = head.split(/\s+/);
      const kind = type === "tree" ? "trees" : "blobs";
      return {
        path,
        mode,
        type,
        sha: id,
        ...(size === "-" ? {} : { size: Number(size) }),
        url: `${api}/git/${kind}/${id}`,
      };
    });
  return { sha, url: `${api}/git/trees/${sha}`, tree, truncated: false };
}

async function createCommit(call: Call) {
  const { git } = call.repo;
  const tree = required(call, "tree", "Commit");
  if ((await git.resolve(`${tree}^{tree}`)) === null) throw new Refusal(422, "Tree SHA does not exist");
  const parents = (call.body.parents ?? []) as string[];
  const sha = await git.commitTree(tree, parents, {
    message: required(call, "message", "Commit"),
    by: identityOf(call, actorOf(call)),
  });
  return created(gitCommitView(call.urls, call.repo, await git.commit(sha)));
}

async function createBlob(call: Call) {
  const raw = required(call, "content", "Blob");
  const content = text(call, "encoding") === "base64" ? Buffer.from(raw, "base64").toString("utf8") : raw;
  const sha = (await call.repo.git.run(["hash-object", "-w", "--stdin"], { input: content })).trim();
  return created({ url: `${repoApi(call.urls, call.repo)}/git/blobs/${sha}`, sha });
}

async function compare(call: Call) {
  const { repo, urls, world } = call;
  const [base = "", head = ""] = (call.params.basehead ?? "").split("...");
  const [from, to] = [await repo.git.commitOf(base), await repo.git.commitOf(head)];
  if (from === null || to === null) throw notFound();
  const fork = await repo.git.mergeBase(from, to);
  if (fork === null) throw new Refusal(404, `No common ancestor between ${base} and ${head}.`);
  const show = async (sha: string) => commitView(urls, repo, { commit: await repo.git.commit(sha), world });
  const ahead = (await repo.git.log(`${from}..${to}`)).reverse();
  const behind = await repo.git.log(`${to}..${from}`);
  const status =
    ahead.length > 0 ? (behind.length > 0 ? "diverged" : "ahead") : behind.length > 0 ? "behind" : "identical";
  const html = `${repoHtml(urls, repo)}/compare/${base}...${head}`;
  const files = await repo.git.files(fork, to);
  return ok({
    url: `${urls.api}${call.path}`,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: await show(from),
    merge_base_commit: await show(fork),
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.map((commit) => commitView(urls, repo, { commit, world })),
    files: files.map((file) => fileView(urls, repo, { file, sha: to })),
  });
}

async function listCommits(call: Call) {
  const { repo, query, urls, world } = call;
  const sha = await repo.git.commitOf(query.get("sha") ?? repo.defaultBranch);
  if (sha === null) throw query.has("sha") ? notFound() : new Refusal(409, "Git Repository is empty.");
  const commits = await repo.git.log(sha, "-n", "1000");
  return page(call, commits, (commit) => commitView(urls, repo, { commit, world }));
}

async function oneCommit(call: Call) {
  const { repo, urls, world } = call;
  const name = (call.params.ref ?? "").replace(/^heads\//, "");
  const sha = await repo.git.commitOf(name);
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${name}`);
  const commit = await repo.git.commit(sha);
  const empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
  const files = await repo.git.files(commit.parents[0] ?? empty, sha).catch(() => []);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return ok({
    ...commitView(urls, repo, { commit, world }),
    stats: { total: additions + deletions, additions, deletions },
    files: files.map((file) => fileView(urls, repo, { file, sha })),
  });
}

export const gitRoutes: Route[] = [
  ...contentRoutes,
  route(`GET ${R}/commits`, "contents:read", listCommits),
  route(`GET ${R}/commits/{ref}`, "contents:read", oneCommit),
  route(`GET ${R}/compare/{basehead}`, "contents:read", compare),
  route(`GET ${R}/git/ref/{ref}`, "contents:read", async (call) => {
    const { ref, sha } = await existing(call);
    return ok(refView(call, ref, sha));
  }),
  route(`GET ${R}/git/matching-refs/{ref}`, "contents:read", async (call) => {
    const refs = [...(await call.repo.git.refs("refs"))].filter(([ref]) => ref.startsWith(`refs/${call.params.ref}`));
    return page(call, refs, ([ref, sha]) => refView(call, ref, sha));
  }),
  route(`POST ${R}/git/refs`, "contents:write", createRef),
  route(`PATCH ${R}/git/refs/{ref}`, "contents:write", updateRef),
  route(`DELETE ${R}/git/refs/{ref}`, "contents:write", deleteRef),
  route(`POST ${R}/git/blobs`, "contents:write", createBlob),
  route(`GET ${R}/git/blobs/{file_sha}`, "contents:read", async (call) => {
    const sha = call.params.file_sha ?? ZERO;
    const content = await call.repo.git.run(["cat-file", "blob", sha]).catch(() => {
      throw notFound();
    });
    const url = `${repoApi(call.urls, call.repo)}/git/blobs/${sha}`;
    return ok({
      content: Buffer.from(content).toString("base64"),
      encoding: "base64",
      url,
      sha,
      size: Buffer.byteLength(content),
      node_id: `B_${sha}`,
    });
  }),
  route(`POST ${R}/git/trees`, "contents:write", createTree),
  route(`GET ${R}/git/trees/{tree_sha}`, "contents:read", async (call) => {
    const sha = await call.repo.git.resolve(`${call.params.tree_sha}^{tree}`);
    if (sha === null) throw notFound();
    return ok(await treeView(call, sha, call.query.has("recursive")));
  }),
  route(`POST ${R}/git/commits`, "contents:write", createCommit),
  route(`GET ${R}/git/commits/{commit_sha}`, "contents:read", async (call) => {
    const sha = await call.repo.git.resolve(`${call.params.commit_sha}^{commit}`);
    if (sha === null) throw notFound();
    return ok(gitCommitView(call.urls, call.repo, await call.repo.git.commit(sha)));
  }),
  route(`POST ${R}/merges`, "contents:write", async (call) => {
    const { repo, world } = call;
    const [base, head] = [required(call, "base", "Merge"), required(call, "head", "Merge")];
    const [into, from] = [await repo.git.resolve(`refs/heads/${base}`), await repo.git.commitOf(head)];
    if (into === null) throw new Refusal(404, "Base does not exist");
    if (from === null) throw new Refusal(404, "Head does not exist");
    if (await repo.git.isAncestor(from, into)) return NO_CONTENT;
    const merged = await repo.git.mergeTree(into, from);
    if (!("tree" in merged)) throw new Refusal(409, "Merge conflict");
    const actor = actorOf(call);
    const message = text(call, "commit_message") ?? `Merge ${head} into ${base}`;
    const sha = await repo.git.commitTree(merged.tree, [into, from], { message, by: identityOf(call, actor) });
    await moveRef(world, repo, { change: { ref: `refs/heads/${base}`, before: into, after: sha }, actor });
    return created(commitView(call.urls, repo, { commit: await repo.git.commit(sha), world }));
  }),
];
