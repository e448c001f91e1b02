import { moveRef } from "../domain/refs.ts";
import type { Answer, Call } from "../http/call.ts";
import { actorOf, ok, plain, required, text } from "../http/call.ts";
import { notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import { gitCommitView, repoApi, repoHtml } from "../views/repos.ts";

const C = "/repos/{owner}/{repo}/contents/{path}";

interface Entry {
  type: "file" | "dir";
  sha: string;
  path: string;
  size: number;
}

function entryView(call: Call, { type, sha, path, size }: Entry, ref: string) {
  const { urls, repo } = call;
  const encoded = encodeURI(path);
  const self = `${repoApi(urls, repo)}/contents/${encoded}?ref=${ref}`;
  const git = `${repoApi(urls, repo)}/git/${type === "dir" ? "trees" : "blobs"}/${sha}`;
  const html = `${repoHtml(urls, repo)}/${type === "dir" ? "tree" : "blob"}/${ref}/${encoded}`;
  return {
    name: path.split("/").at(-1) ?? "",
    path,
    sha,
    size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: type === "dir" ? null : `${repoHtml(urls, repo)}/raw/${ref}/${encoded}`,
    type,
    _links: { self, git, html },
  };
}

async function readContents(call: Call): Promise<Answer> {
  const { git, defaultBranch } = call.repo;
  const ref = call.query.get("ref") ?? defaultBranch;
  const path = (call.params.path ?? "").replace(/^\/|\/$/g, "");
  const commit = await git.commitOf(ref);
  if (commit === null) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const sha = await git.resolve(`${commit}:${path}`);
  if (sha === null) throw notFound();
  const isFolder = (await git.run(["cat-file", "-t", sha])).trim() === "tree";
  if (!isFolder) {
    const content = await git.run(["cat-file", "blob", sha]);
    if (call.media === "raw") return plain(call, content);
    const size = Buffer.byteLength(content);
    const view = entryView(call, { type: "file", sha, path, size }, ref);
    return ok({ ...view, content: Buffer.from(content).toString("base64"), encoding: "base64" });
  }
  const rows = (await git.run(["ls-tree", "-z", "-l", sha])).split("\0").filter(Boolean);
  const entries = rows.map((row): Entry => {
    const [head = "", name = ""] = row.split("\t");
    const [, type, id = "", size] = head.split(/\s+/);
    return {
      type: type === "tree" ? "dir" : "file",
      sha: id,
      path: path === "" ? name : `${path}/${name}`,
      size: Number(size) || 0,
    };
  });
  return ok(entries.map((entry) => entryView(call, entry, ref)));
}

async function change(call: Call, content: string | null): Promise<Answer> {
  const { world, repo } = call;
  const { git } = repo;
  const path = call.params.path ?? "";
  const branch = text(call, "branch") ?? repo.defaultBranch;
  const tip = await git.resolve(`refs/heads/${branch}`);
  if (tip === null && (await git.refs()).size > 0) throw new Refusal(404, `Branch ${branch} not found`);
  const present = tip === null ? null : await git.resolve(`${tip}:${path}`);
  const given = text(call, "sha");
  if (content === null && present === null) throw notFound();
  if (present !== null && given === undefined) throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if (given !== undefined && given !== present) throw new Refusal(409, `${path} does not match ${given}`);
  const actor = actorOf(call);
  const tree = await git.treeWith(tip, { [path]: content });
  const by = {
    name: actor.name ?? actor.login,
    email: actor.email ?? `${actor.id}+${actor.login}@users.noreply.github.com`,
    at: world.now(),
  };
  const sha = await git.commitTree(tree, tip === null ? [] : [tip], {
    message: required(call, "message", "Commit"),
    by,
  });
  await moveRef(world, repo, { change: { ref: `refs/heads/${branch}`, before: tip, after: sha }, actor });
  const blob = content === null ? null : await git.resolve(`${sha}:${path}`);
  const view =
    blob === null
      ? null
      : entryView(call, { type: "file", sha: blob, path, size: Buffer.byteLength(content ?? "") }, branch);
  const body = { content: view, commit: gitCommitView(call.urls, repo, await git.commit(sha)) };
  return { status: present === null ? 201 : 200, body };
}

export const contentRoutes: Route[] = [
  route(`GET ${C}`, "contents:read", readContents),
  route(`PUT ${C}`, "contents:write", (call) =>
    change(call, Buffer.from(required(call, "content", "Content"), "base64").toString("utf8")),
  ),
  route(`DELETE ${C}`, "contents:write", (call) => change(call, null)),
];
