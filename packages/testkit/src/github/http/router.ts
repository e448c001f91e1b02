import type { Need, PermissionName } from "../domain/access.ts";
import type { Role } from "../model/accounts.ts";
import type { Answer, Call } from "./call.ts";

export type Handler = (call: Call) => Answer | Promise<Answer>;

export interface Route {
  method: string;
  /** A path of the OpenAPI description, word for word. */
  template: string;
  pattern: RegExp;
  names: string[];
  /** `null` for routes that are not about one repository, which look after themselves. */
  need: Need | null;
  handler: Handler;
}

/** Parameters in which a slash may stand. */
const LONG = new Set(["path", "ref", "branch", "basehead"]);

/**
 * One route. `needs` is GitHub's permission, as in `issues:write`, with the role that a person needs when it is not the obvious one, as in
 * `issues:write by read`. Several permissions are separated by `|`.
 */
export function route(what: string, needs: string | null, handler: Handler): Route {
  const [method = "", template = ""] = what.split(" ");
  const names: string[] = [];
  const source = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_whole, name: string) => {
    names.push(name);
    return LONG.has(name) ? "(.+)" : "([^/]+)";
  });
  return {
    method,
    template,
    pattern: new RegExp(`^${source}$`),
    names,
    need: needs === null ? null : parseNeed(needs),
    handler,
  };
}

function parseNeed(text: string): Need {
  const [list = "", by] = text.split(" by ");
  const permissions = list.split("|") as PermissionName[];
  const level = permissions[0]?.split(":")[1] as Role;
  return { permissions, role: (by as Role | undefined) ?? level };
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Templates with more fixed words come first, so that `commits/{ref}/status` is not taken for a ref with a slash. */
export function router(routes: readonly Route[]): (method: string, path: string) => Match | null {
  const words = ({ template }: Route) => template.split("/").filter((part) => !part.startsWith("{")).length;
  const sorted = [...routes].sort((a, b) => words(b) - words(a));
  return (method, path) => {
    for (const candidate of sorted) {
      const found = candidate.method === method ? candidate.pattern.exec(path) : null;
      if (found === null) continue;
      const params = Object.fromEntries(
        candidate.names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? "")]),
      );
      return { route: candidate, params };
    }
    return null;
  };
}
