export type Route =
  | { page: "board" }
  | { page: "session"; id: string; tab: string | null }
  | { page: "fleet" }
  | { page: "login" }
  | { page: "nowhere"; path: string };

/** The route of a path. Ids are decoded, and may be hostile: they are only ever shown as text. */
export function routeOf(path: string, hash = ""): Route {
  const session = /^\/s\/([^/]+)\/?$/.exec(path)?.[1];
  if (session !== undefined) return { page: "session", id: decoded(session), tab: hash.slice(1) || null };
  if (path === "/" || path === "") return { page: "board" };
  if (/^\/fleet\/?$/.test(path)) return { page: "fleet" };
  if (/^\/login\/?$/.test(path)) return { page: "login" };
  return { page: "nowhere", path };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded
  }
}

export const pathOfSession = (id: string, tab?: string): string =>
  `/s/${encodeURIComponent(id)}${tab === undefined ? "" : `#${tab}`}`;
