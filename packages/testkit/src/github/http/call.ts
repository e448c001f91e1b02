import type { Account, App, Viewer } from "../model/accounts.ts";
import type { Issue, PullRequest } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { isPull, type World } from "../world.ts";
import { invalid, notFound } from "./failure.ts";

/** Where the answers' links point to: the same place that the request came to. */
export interface Urls {
  api: string;
  html: string;
}

/** One REST call, as its handler sees it. */
export interface Call {
  world: World;
  viewer: Viewer;
  urls: Urls;
  /** Path and query without the base. */
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  /** `diff`, `patch`, `raw` or `json`, by the Accept header. */
  media: string;
  body: Record<string, unknown>;
  /** The repository of `{owner}/{repo}`. Throws for other routes. */
  readonly repo: Repo;
}

export interface Answer {
  status: number;
  /** JSON, or nothing. */
  body?: unknown;
  /** In place of JSON. */
  text?: { type: string; body: string };
  headers?: Record<string, string>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (body: unknown): Answer => ({ status: 202, body });
/** An answer in one of GitHub's own media types. */
export function plain({ media }: Call, body: string): Answer {
  return { status: 200, text: { type: `application/vnd.github.${media}; charset=utf-8`, body } };
}
export const NO_CONTENT: Answer = { status: 204 };

/** Who acts. Throws 401 for nobody. */
export function actorOf({ viewer }: Pick<Call, "viewer">): Account {
  if (viewer.account === null) throw notFound();
  return viewer.account;
}

export const appOf = ({ viewer }: Pick<Call, "viewer">): App | null => viewer.token?.installation?.app ?? null;

export function issueOf(call: Call): Issue {
  const issue = call.repo.issues.get(Number(call.params.issue_number));
  if (issue === undefined) throw notFound();
  return issue;
}

export function pullOf(call: Call): PullRequest {
  const issue = call.repo.issues.get(Number(call.params.pull_number));
  if (issue === undefined || !isPull(issue)) throw notFound();
  return issue;
}

/** One of a list by the number in a parameter. */
export function byId<T extends { id: number }>(list: readonly T[], id: string | undefined): T {
  const found = list.find((one) => one.id === Number(id));
  if (found === undefined) throw notFound();
  return found;
}

/** A string of the body, or `undefined`. GitHub refuses other types with 422. */
export function text(call: Call, field: string): string | undefined {
  const value = call.body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid({ resource: "Request", field, code: "invalid", value });
  return value;
}

export function required(call: Call, field: string, resource: string): string {
  const value = text(call, field);
  if (value === undefined) throw invalid({ resource, field, code: "missing_field" });
  return value;
}

export function strings(call: Call, field: string): string[] | undefined {
  const value = call.body[field];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** One page of a list, with GitHub's Link header. */
export function page<T>(call: Call, list: readonly T[], show: (one: T) => unknown): Answer {
  return paged(call, list, (rows) => rows.map(show));
}

/** The same for lists that stand in an object with their count. */
export function countedPage<T>(
  call: Call,
  list: readonly T[],
  { key, show }: { key: string; show: (one: T) => unknown },
): Answer {
  return paged(call, list, (rows) => ({ total_count: list.length, [key]: rows.map(show) }));
}

function paged<T>(call: Call, list: readonly T[], body: (rows: readonly T[]) => unknown): Answer {
  const size = Math.min(100, Math.max(1, Number(call.query.get("per_page") ?? 30) || 30));
  const at = Math.max(1, Number(call.query.get("page") ?? 1) || 1);
  const last = Math.max(1, Math.ceil(list.length / size));
  const link = (number: number, rel: string) => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(number));
    return `<${call.urls.api}${call.path.split("?")[0]}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(at > 1 ? [link(at - 1, "prev")] : []),
    ...(at < last ? [link(at + 1, "next"), link(last, "last")] : []),
    ...(at > 1 ? [link(1, "first")] : []),
  ];
  return {
    status: 200,
    body: body(list.slice((at - 1) * size, at * size)),
    ...(links.length === 0 ? {} : { headers: { link: links.join(", ") } }),
  };
}
