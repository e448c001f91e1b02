import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, dirname } from "node:path";
import { canSee, hasWrite, needsSso } from "../domain/access.ts";
import { refsMoved } from "../domain/refs.ts";
import type { Viewer } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";
import { fullName, type World } from "../world.ts";
import type { RefChange } from "./bare.ts";

export interface GitRequest {
  owner: string;
  name: string;
  /** `/info/refs`, `/git-upload-pack` or `/git-receive-pack`. */
  rest: string;
  query: string;
}

const PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/;

export function gitRequest(path: string): GitRequest | null {
  const [where = "", query = ""] = path.split("?", 2);
  const [, owner, name, rest] = PATH.exec(where) ?? [];
  return owner === undefined || name === undefined || rest === undefined ? null : { owner, name, rest, query };
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain",
    ...(status === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {}),
  });
  response.end(text);
}

function mayPush({ account, token }: Viewer, repo: Repo): boolean {
  if (account === null || token === null) return false;
  if (token.repositories !== null && !token.repositories.includes(fullName(repo))) return false;
  if (token.kind === "classic")
    return (
      hasWrite(account, repo) &&
      token.scopes.some((scope) => scope === "repo" || (scope === "public_repo" && !repo.isPrivate))
    );
  if (token.permissions.contents !== "write") return false;
  return token.kind === "installation" ? token.installation?.account.id === repo.owner.id : hasWrite(account, repo);
}

export interface GitCall {
  world: World;
  viewer: Viewer;
  request: GitRequest;
  body: Buffer;
}

/** Serves one request of git's smart HTTP by `git http-backend`. */
export async function serveGit(
  { world, viewer, request, body }: GitCall,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const moved = world.movedRepos.get(`${request.owner}/${request.name}`.toLowerCase());
  if (moved !== undefined) {
    response.writeHead(301, { location: `/${fullName(moved)}.git${request.rest}?${request.query}` });
    response.end();
    return;
  }
  const repo = world.findRepo(request.owner, request.name);
  const isPush = request.rest.endsWith("receive-pack") || request.query.includes("git-receive-pack");
  if (viewer.token === null && (isPush || repo === null || repo.isPrivate)) {
    return plain(response, 401, "No anonymous write access.\n");
  }
  if (repo === null || !canSee(viewer, repo)) return plain(response, 404, "Repository not found.\n");
  if (needsSso(viewer, repo)) {
    return plain(
      response,
      403,
      `The '${repo.owner.login}' organization has enabled or enforced SAML SSO. To access\nthis repository, you must re-authorize your personal access token.\n`,
    );
  }
  if (isPush && !mayPush(viewer, repo)) {
    return plain(response, 403, `Permission to ${fullName(repo)}.git denied to ${viewer.account?.login}.\n`);
  }
  const { account } = viewer;
  const serve = () => backend({ repo, request, body, user: account?.login ?? "" }, message, response);
  if (!request.rest.endsWith("receive-pack") || account === null) {
    await serve();
    return void response.end();
  }
  await world.exclusive(async () => {
    const before = await repo.git.refs("refs/");
    await serve();
    const changes = changesBetween(before, await repo.git.refs("refs/"));
    await refsMoved(world, repo, { changes, actor: account });
    response.end();
  });
}

function changesBetween(before: Map<string, string>, after: Map<string, string>): RefChange[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((ref) => before.get(ref) !== after.get(ref))
    .map((ref) => ({ ref, before: before.get(ref) ?? null, after: after.get(ref) ?? null }));
}

interface Run {
  repo: Repo;
  request: GitRequest;
  body: Buffer;
  user: string;
}

function backend(
  { repo, request, body, user }: Run,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const header = (name: string) => String(message.headers[name] ?? "");
  const env = {
    ...repo.git.env(),
    GIT_PROJECT_ROOT: dirname(repo.git.dir),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: `/${basename(repo.git.dir)}${request.rest}`,
    QUERY_STRING: request.query,
    REQUEST_METHOD: message.method ?? "GET",
    CONTENT_TYPE: header("content-type"),
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: header("content-encoding"),
    GIT_PROTOCOL: header("git-protocol"),
    REMOTE_USER: user,
    REMOTE_ADDR: "127.0.0.1",
  };
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "ignore"] });
    let head: Buffer | null = Buffer.alloc(0);
    child.on("error", reject);
    child.stdin.on("error", () => child.kill());
    child.stdin.end(body);
    child.stdout.on("data", (chunk: Buffer) => {
      if (head === null) return void response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const lines = head.subarray(0, end).toString("latin1").split("\r\n");
      const fields = lines.map((line): [string, string] => [
        line.slice(0, line.indexOf(":")),
        line.slice(line.indexOf(":") + 1).trim(),
      ]);
      const status = Number(fields.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
      response.writeHead(status, Object.fromEntries(fields.filter(([name]) => name !== "Status")));
      response.write(head.subarray(end + 4));
      head = null;
    });
    child.on("close", () => {
      if (head !== null) plain(response, 500, "git http-backend gave no answer\n");
      resolve();
    });
  });
}
