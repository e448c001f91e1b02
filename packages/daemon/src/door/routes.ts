/** What a request needs besides coming from the right place. `ticket`: it becomes a WebSocket, and its query has the ticket. */
export type Needs = "nothing" | "code" | "token" | "ticket";

export interface Route {
  /** The whole path, or one that ends with a part of any name. */
  path: string;
  methods: readonly ("GET" | "HEAD" | "POST")[];
  needs: Needs;
  /** `page`: the app, at an address that people open. `file`: a part of it. */
  kind: "page" | "file" | "api" | "socket";
}

const GET = ["GET", "HEAD"] as const;
const POST = ["POST"] as const;

/** Everything that the door answers. Nothing else does: the server looks up a request here before it does anything with it. */
export const ROUTES = [
  { path: "/", methods: GET, needs: "nothing", kind: "page" },
  { path: "/s/:id", methods: GET, needs: "nothing", kind: "page" },
  { path: "/fleet", methods: GET, needs: "nothing", kind: "page" },
  { path: "/login", methods: GET, needs: "nothing", kind: "page" },
  { path: "/api/health", methods: GET, needs: "nothing", kind: "api" },
  { path: "/api/login", methods: POST, needs: "code", kind: "api" },
  { path: "/api/logout", methods: POST, needs: "token", kind: "api" },
  { path: "/api/ticket", methods: POST, needs: "token", kind: "api" },
  { path: "/api/ws", methods: ["GET"], needs: "ticket", kind: "socket" },
  { path: "/api/terminal", methods: ["GET"], needs: "ticket", kind: "socket" },
] as const satisfies readonly Route[];

export type RoutePath = (typeof ROUTES)[number]["path"];

/** A file of the app. Which ones there are is read from its folder. */
export const FILE_ROUTE = { path: "file", methods: GET, needs: "nothing", kind: "file" } as const satisfies Route;

export type Found = (typeof ROUTES)[number] | typeof FILE_ROUTE;

/** Null: there is nothing at this path. */
export function routeOf(path: string, isFile: (path: string) => boolean): Found | null {
  const exact = ROUTES.find((route) => route.path === path);
  if (exact !== undefined) return exact;
  if (/^\/s\/[\w.%-]{1,200}$/.test(path)) return ROUTES[1];
  return isFile(path) ? FILE_ROUTE : null;
}
