import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { hostsOf, type Refusal, refusalOf, type Seen, valuesOf } from "./guard.ts";
import { safeHeaders } from "./headers.ts";
import type { PageFiles } from "./page-files.ts";
import type { Passes } from "./passes.ts";
import { type Found, routeOf } from "./routes.ts";

const MAX_BODY = 16 * 1024;
/** Of connections that have sent no whole request, the oldest give way. */
const MAX_WAITING = 64;

/** A WebSocket that may be opened: `holder` has the token behind its ticket. */
export interface Opening {
  path: "/api/ws" | "/api/terminal";
  query: URLSearchParams;
  holder: string;
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

export interface DoorDeps {
  passes: Passes;
  files: PageFiles;
  openSocket(opening: Opening): void;
  report(error: unknown): void;
}

/** The dashboard's HTTP server. It has checked where a request comes from and what it carries before anything else looks at it. */
export function createDoorServer(deps: DoorDeps): Server {
  const limits = {
    ...{ requestTimeout: 20_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 },
    requireHostHeader: false,
  };
  const waiting = new Set<Socket>();
  const server = createServer(limits, (request, response) => {
    waiting.delete(request.socket);
    void respond(deps, request, response);
  });
  server.on("connection", (socket) => {
    waiting.add(socket);
    socket.once("close", () => waiting.delete(socket));
    const [oldest] = waiting;
    if (waiting.size > MAX_WAITING) oldest?.destroy();
  });
  server.on("upgrade", (request, socket, head) => {
    waiting.delete(request.socket);
    upgrade(deps, { request, socket, head });
  });
  server.on("clientError", (_error, socket) => socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"));
  return server;
}

function seenOf({ method = "", url = "", rawHeaders, headers }: IncomingMessage): Seen {
  const [mode, dest] = [headers["sec-fetch-mode"], headers["sec-fetch-dest"]];
  return {
    method,
    url,
    hosts: valuesOf(rawHeaders, "host"),
    origins: valuesOf(rawHeaders, "origin"),
    sites: valuesOf(rawHeaders, "sec-fetch-site"),
    mode: typeof mode === "string" ? mode : undefined,
    dest: typeof dest === "string" ? dest : undefined,
  };
}

interface Judged {
  route: Found;
  path: string;
  query: URLSearchParams;
}

const isRefusal = (judged: Judged | Refusal): judged is Refusal => "status" in judged;

/** The route of a request that comes from the right place and has the right form, or why not. */
function judge({ files }: DoorDeps, request: IncomingMessage, isUpgrade: boolean): Judged | Refusal {
  const seen = seenOf(request);
  const [path = "", query = ""] = seen.url.split("?", 2);
  const route = routeOf(path, (name) => files.find(name) !== null);
  const port = request.socket.localPort ?? 0;
  const refusal = refusalOf(seen, { port, isPage: !isUpgrade && route?.kind === "page" });
  if (refusal !== null) return refusal;
  if (route === null) return { status: 404, text: "not found" };
  if (!route.methods.some((method) => method === seen.method)) return { status: 405, text: "method not allowed" };
  if ((route.kind === "socket") !== isUpgrade) {
    return isUpgrade ? { status: 400, text: "not a WebSocket" } : { status: 426, text: "a WebSocket is needed" };
  }
  if (seen.method === "POST" && !isJson(request.headers["content-type"]))
    return { status: 415, text: "JSON is needed" };
  return { route, path, query: new URLSearchParams(query) };
}

const isJson = (type: string | undefined): boolean => /^application\/json(;\s*charset=utf-8)?$/i.test(type ?? "");

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: Buffer | string;
}

const json = (status: number, value: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(value),
});

const refuse = ({ status, text }: Refusal): Answer => json(status, { error: text });

async function respond(deps: DoorDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: Answer;
  try {
    const judged = judge(deps, request, false);
    answer = isRefusal(judged) ? refuse(judged) : await answerOf(deps, judged, request);
  } catch (error) {
    deps.report(error);
    answer = refuse({ status: 500, text: "failed" });
  }
  const { status, headers = {}, body } = answer;
  response.writeHead(status, {
    ...safeHeaders(hostOf(request)),
    ...headers,
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    ...(status === 405 ? { allow: "GET, HEAD, POST" } : {}),
    "content-length": String(Buffer.byteLength(body)),
    // The rest of a body that is not wanted is not read.
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function hostOf(request: IncomingMessage): string | null {
  const [host = ""] = valuesOf(request.rawHeaders, "host");
  return hostsOf(request.socket.localPort ?? 0).includes(host.toLowerCase()) ? host.toLowerCase() : null;
}

const UNAUTHORIZED = { status: 401, text: "log in with the link that `ao dashboard` prints" };
const FLOODED = { status: 429, text: "too many wrong attempts, wait a minute" };

async function answerOf(deps: DoorDeps, { route, path }: Judged, request: IncomingMessage): Promise<Answer> {
  const { passes } = deps;
  if (route.kind === "page" || route.kind === "file") return fileAnswer(deps.files, route, { path, request });
  if (route.path === "/api/health") return json(200, { name: "ao" });
  const body = await readBody(request);
  if (body === null) return refuse({ status: 413, text: "too large" });
  if (route.path === "/api/login") {
    const token = passes.login(codeIn(body) ?? "");
    return token === null ? wrong(passes) : json(200, { token });
  }
  const holder = passes.holderOf(/^Bearer ([0-9a-f]{64})$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
  if (holder === null) return request.headers.authorization === undefined ? refuse(UNAUTHORIZED) : wrong(passes);
  if (route.path === "/api/ticket") return json(200, { ticket: passes.newTicket(holder) });
  passes.revoke(holder);
  return json(200, {});
}

/** A right code or token counts however many wrong ones came before it, so nobody can lock the user out. */
function wrong(passes: Passes): Answer {
  const isFlooded = passes.isFlooded();
  passes.noteWrong();
  return refuse(isFlooded ? FLOODED : UNAUTHORIZED);
}

function codeIn(body: string): string | null {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === "string" ? code : null;
  } catch {
    return null; // It is wrong like any other.
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const NOT_BUILT = "The dashboard is not part of this build. Run `npm run build` in the repository of ao.\n";

function fileAnswer(files: PageFiles, route: Found, of: { path: string; request: IncomingMessage }): Answer {
  const file = files.find(route.kind === "page" ? "/index.html" : of.path);
  if (file === null) {
    return { status: 503, headers: { "content-type": "text/plain; charset=utf-8" }, body: NOT_BUILT };
  }
  const { bytes, encoding } = file.read(String(of.request.headers["accept-encoding"] ?? ""));
  return {
    status: 200,
    headers: {
      "content-type": file.type,
      vary: "accept-encoding",
      "cache-control": file.isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      ...(encoding === null ? {} : { "content-encoding": encoding }),
    },
    body: bytes,
  };
}

function upgrade(deps: DoorDeps, of: { request: IncomingMessage; socket: Duplex; head: Buffer }): void {
  const { request, socket, head } = of;
  socket.on("error", () => socket.destroy());
  const judged = judge(deps, request, true);
  if (isRefusal(judged)) {
    hangUp(socket, judged);
    return;
  }
  const { route, query } = judged;
  const holder = route.kind === "socket" ? deps.passes.useTicket(query.get("ticket") ?? "") : null;
  if (route.kind === "socket" && holder !== null) {
    deps.openSocket({ path: route.path, query, holder, request, socket, head });
  } else hangUp(socket, UNAUTHORIZED);
}

function hangUp(socket: Duplex, { status, text }: Refusal): void {
  const headers = Object.entries({ ...safeHeaders(null), connection: "close", "content-type": "text/plain" });
  const lines = [`HTTP/1.1 ${status} refused`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${text}\n`);
}
