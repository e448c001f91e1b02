import type { IncomingMessage } from "node:http";
import { gitRequest } from "../git/http.ts";
import { Refusal } from "./failure.ts";
import type { Resource } from "./limits.ts";
import type { LoggedRequest, Surface } from "./log.ts";

const MAX_BODY = 100 << 20;

export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new Refusal(413, "Payload too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** The path below the API's base, and which part of GitHub it is for. */
export function locate(message: IncomingMessage): { surface: Surface; path: string } {
  const url = message.url ?? "/";
  if (url.startsWith("/_storage/")) return { surface: "storage", path: url.slice("/_storage/".length) };
  if (/^\/(api\/)?graphql(\?|$)/.test(url)) return { surface: "graphql", path: url };
  if (url.startsWith("/api/v3")) return { surface: "rest", path: url.slice("/api/v3".length) || "/" };
  return gitRequest(url) === null ? { surface: "rest", path: url } : { surface: "git", path: url };
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
}

export function resourceOf(surface: Surface, path: string): Resource | null {
  if (surface === "graphql") return "graphql";
  if (surface !== "rest" || /^\/rate_limit/.test(path)) return null;
  return path.startsWith("/search/") ? "search" : "core";
}

/** Puts what a request says into its log. */
export function readQuery(log: LoggedRequest, body: Buffer): void {
  try {
    log.body = parseJson(body);
  } catch {
    log.body = body.toString("utf8");
  }
  if (log.surface !== "graphql") return;
  const { query, variables } = (log.body ?? {}) as { query?: unknown; variables?: Record<string, unknown> };
  log.query = typeof query === "string" ? query : null;
  log.variables = variables ?? null;
}
