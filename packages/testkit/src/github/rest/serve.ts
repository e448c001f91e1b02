import { canSee, demand } from "../domain/access.ts";
import { budgetKey } from "../http/budget.ts";
import type { Answer, Call } from "../http/call.ts";
import { notFound, Refusal } from "../http/failure.ts";
import { headersOf, type Limits } from "../http/limits.ts";
import { router } from "../http/router.ts";
import type { Exchange, Served } from "../http/surface.ts";
import type { Repo } from "../model/repo.ts";
import { fullName, type World } from "../world.ts";
import { ROUTES } from "./routes.ts";

const match = router(ROUTES);

/** A path by a repository's number, as redirects have it, as one by its name. */
function byName(world: World, path: string): string {
  const [, id, rest = ""] = /^\/repositories\/(\d+)(.*)$/.exec(path) ?? [];
  const repo = id === undefined ? undefined : world.repos.find((one) => one.id === Number(id));
  return repo === undefined ? path : `/repos/${fullName(repo)}${rest}`;
}

/** Where a renamed or moved repository is now. */
function redirect({ path, urls }: Exchange, { repo, method }: { repo: Repo; method: string }): Answer {
  const rest = path.replace(/^\/repos\/[^/]+\/[^/?]+/, "");
  const url = `${urls.api}/repositories/${repo.id}${rest}`;
  const isGet = method === "GET" || method === "HEAD";
  return {
    status: isGet ? 301 : 307,
    headers: { location: url },
    body: {
      message: "Moved Permanently",
      url,
      documentation_url: "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    },
  };
}

export function serveRest(world: World, limits: Limits): (exchange: Exchange) => Promise<Served> {
  return async (exchange) => {
    const { viewer, urls, log } = exchange;
    const [where = "/", search = ""] = byName(world, exchange.path).split("?", 2);
    const method = log.method === "HEAD" ? "GET" : log.method;
    if (where === "/rate_limit" && method === "GET") {
      log.template = where;
      return {
        status: 200,
        body: rateLimit(limits, budgetKey(viewer)),
        cost: 0,
        headers: headersOf(limits.bucket(budgetKey(viewer), "core")),
      };
    }
    if (where === "/" && method === "GET") return { status: 200, body: rootView(urls.api), cost: 1 };
    const found = match(method, where);
    if (found === null) throw notFound();
    log.template = found.route.template;
    const { params, route } = found;
    const { owner = "", repo: name = "" } = params;
    const isAboutRepo = owner !== "" && name !== "";
    const repo = isAboutRepo ? world.findRepo(owner, name) : null;
    const moved = isAboutRepo && repo === null ? world.movedRepos.get(`${owner}/${name}`.toLowerCase()) : undefined;
    if (moved !== undefined && canSee(viewer, moved))
      return { ...redirect(exchange, { repo: moved, method }), cost: 1 };
    if (isAboutRepo && repo === null) throw notFound();
    if (repo !== null && route.need !== null) {
      demand(viewer, repo, route.need);
      if (repo.settings.isArchived && method !== "GET" && route.template !== "/repos/{owner}/{repo}")
        throw new Refusal(403, "Repository was archived so is read-only.");
    }
    const { body } = log;
    if (typeof body === "string") throw new Refusal(400, "Problems parsing JSON");
    const call: Call = {
      world,
      viewer,
      urls,
      path: where + (search === "" ? "" : `?${search}`),
      params,
      query: new URLSearchParams(search),
      media: /vnd\.github\.(?:[\w-]+\.)?(diff|patch|raw)/.exec(log.headers.accept ?? "")?.[1] ?? "json",
      body: (body ?? {}) as Record<string, unknown>,
      get repo() {
        if (repo === null) throw notFound();
        return repo;
      },
    };
    return { cost: 1, ...(await route.handler(call)) };
  };
}

function rateLimit(limits: Limits, key: string) {
  const show = (resource: "core" | "graphql" | "search") => {
    const { limit, used, resetAt } = limits.bucket(key, resource);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.floor(resetAt / 1000) };
  };
  return { resources: { core: show("core"), graphql: show("graphql"), search: show("search") }, rate: show("core") };
}

function rootView(api: string) {
  return {
    current_user_url: `${api}/user`,
    rate_limit_url: `${api}/rate_limit`,
    repository_url: `${api}/repos/{owner}/{repo}`,
  };
}
