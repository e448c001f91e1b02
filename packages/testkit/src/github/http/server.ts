import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ANONYMOUS, authenticate } from "../domain/access.ts";
import { gitRequest, serveGit } from "../git/http.ts";
import type { Viewer } from "../model/accounts.ts";
import type { World } from "../world.ts";
import { budgetKey, tokenHeaders } from "./budget.ts";
import type { Urls } from "./call.ts";
import { Refusal } from "./failure.ts";
import { answerFault, type Fault, type Faults, isAfterwards, spoil } from "./faults.ts";
import { type Bucket, headersOf, type Limits, primaryLimit } from "./limits.ts";
import type { LoggedRequest } from "./log.ts";
import { locate, readBody, readQuery, resourceOf } from "./request.ts";
import { refused, type Served, type Surfaces } from "./surface.ts";

interface Parts {
  world: World;
  limits: Limits;
  faults: Faults;
  surfaces: Surfaces;
  requests: LoggedRequest[];
  /** Sees every answer of both APIs before it is sent, also one that was not sent because it was a 304. */
  onAnswer: (request: LoggedRequest, answer: Served) => void;
}

/** Longer than clients keep a connection, so that no request meets one that is being closed. */
const KEEP_ALIVE_MS = 75_000;

/** GitHub's front door: faults, credentials, limits, ETags and the log of requests, around what the surfaces do. */
export class FrontDoor {
  readonly #parts: Parts;
  readonly #server: Server;
  readonly #socketServers: Server[] = [];
  /** Requests under way. Their git programs need the folder that `stop` lets go of. */
  readonly #taken = new Set<Promise<void>>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) =>
      this.#begin(message, response, null),
    );
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  /** Also answers on a unix socket, as `api.github.com` does to `gh` with `http_unix_socket`. */
  async listenOn(socketPath: string): Promise<void> {
    const urls = { api: "https://api.github.com", html: "https://github.com" };
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) =>
      this.#begin(message, response, urls),
    );
    this.#socketServers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(socketPath, resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get urls(): Urls {
    return { api: `${this.url}/api/v3`, html: this.url };
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, ...this.#socketServers]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await Promise.all(this.#taken);
  }

  #begin(message: IncomingMessage, response: ServerResponse, urls: Urls | null): void {
    const taken = this.#take(message, response, urls).finally(() => this.#taken.delete(taken));
    this.#taken.add(taken);
  }

  async #take(message: IncomingMessage, response: ServerResponse, urls: Urls | null): Promise<void> {
    const { world, faults, requests } = this.#parts;
    const { surface, path } = locate(message);
    const log: LoggedRequest = {
      at: world.now(),
      surface,
      method: message.method ?? "GET",
      path,
      template: null,
      query: null,
      variables: null,
      body: null,
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [
          name,
          name === "authorization" ? "***" : String(value),
        ]),
      ),
      login: null,
      status: 0,
      counted: 0,
      resource: null,
      fault: null,
    };
    requests.push(log);
    response.on("finish", () => {
      log.status = response.statusCode;
    });
    try {
      const body = await readBody(message);
      if (surface === "rest" || surface === "graphql") readQuery(log, body);
      const fault = faults.meet(log);
      log.fault = fault?.kind ?? null;
      await this.#serve({ message, response, body, log, fault, urls: urls ?? this.urls });
    } catch (error) {
      // The connection broke while the body was read, or a bug of ours: nothing can be sent any more, or only this.
      if (response.headersSent || response.destroyed) return void response.destroy();
      response.writeHead(500, { "content-type": "application/json; charset=utf-8" });
      response.end(JSON.stringify({ message: "Server Error", counterpart: String((error as Error).stack) }));
    }
  }

  async #serve({
    message,
    response,
    body,
    log,
    fault,
    urls,
  }: {
    message: IncomingMessage;
    response: ServerResponse;
    body: Buffer;
    log: LoggedRequest;
    fault: Fault | null;
    urls: Urls;
  }): Promise<void> {
    const { surfaces } = this.#parts;
    if (log.surface === "storage") {
      const found = surfaces.storage(log.path);
      if (fault !== null && !isAfterwards(fault)) return answerFault(response, fault);
      const answer = {
        status: found === null ? 404 : 200,
        headers: { "content-type": found?.type ?? "text/plain" },
        body: found?.body.toString("latin1") ?? "",
      };
      if (fault !== null) return spoil(response, fault, answer);
      response.writeHead(answer.status, answer.headers);
      return void response.end(found?.body ?? "Not found");
    }
    if (log.surface === "git") return this.#serveGit({ message, response, body, log, fault });
    const answer = await this.#answer({ message, response, log, fault, urls, header: message.headers.authorization });
    if (answer === null) return;
    if (fault !== null && isAfterwards(fault)) return spoil(response, fault, answer);
    response.writeHead(answer.status, answer.headers);
    response.end(message.method === "HEAD" ? "" : answer.body);
  }

  async #serveGit({
    message,
    response,
    body,
    log,
    fault,
  }: {
    message: IncomingMessage;
    response: ServerResponse;
    body: Buffer;
    log: LoggedRequest;
    fault: Fault | null;
  }): Promise<void> {
    const { world } = this.#parts;
    const request = gitRequest(log.path);
    if (request === null) return;
    try {
      if (fault !== null) return answerFault(response, isAfterwards(fault) ? { kind: "502" } : fault);
      const viewer = authenticate(world, message.headers.authorization);
      log.login = viewer.account?.login ?? null;
      await serveGit({ world, viewer, request, body }, message, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.writeHead(error.status, {
        "content-type": "text/plain",
        ...error.headers,
        ...(error.status === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {}),
      });
      response.end(error.message);
    }
  }

  /** The whole answer as it will be sent, or `null` when a fault took its place. */
  async #answer({
    message,
    response,
    log,
    fault,
    urls,
    header,
  }: {
    message: IncomingMessage;
    response: ServerResponse;
    log: LoggedRequest;
    fault: Fault | null;
    urls: Urls;
    header: string | undefined;
  }) {
    const { world, limits, surfaces } = this.#parts;
    let viewer: Viewer = ANONYMOUS;
    let bucket: Bucket | null = null;
    let served: Served;
    try {
      viewer = authenticate(world, header);
      log.login = viewer.account?.login ?? null;
      const key = budgetKey(viewer);
      const resource = resourceOf(log.surface, log.path);
      bucket = resource === null ? null : limits.bucket(key, resource);
      log.resource = resource;
      if (fault !== null && !isAfterwards(fault)) {
        if (fault.kind === "primary-limit" && bucket !== null) bucket.used = bucket.limit;
        answerFault(response, fault);
        return null;
      }
      const isWrite =
        log.surface === "graphql"
          ? /^\s*mutation\b/.test(log.query ?? "")
          : log.method !== "GET" && log.method !== "HEAD";
      limits.hurry(key, { kind: log.surface === "graphql" ? "graphql" : "rest", points: isWrite ? 5 : 1 });
      if (isWrite) limits.hurry(key, { kind: "content", points: 1 });
      if (bucket !== null && limits.isSpent(bucket))
        throw primaryLimit(viewer.account === null ? "127.0.0.1" : `user ID ${viewer.account.id}`);
      const serve = () =>
        surfaces[log.surface === "graphql" ? "graphql" : "rest"]({ viewer, urls, path: log.path, log });
      served = await (isWrite ? world.exclusive(serve) : serve());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      served = refused(error, log.surface);
    }
    return this.#finish({ message, log, served, bucket, viewer });
  }

  #finish({
    message,
    log,
    served,
    bucket,
    viewer,
  }: {
    message: IncomingMessage;
    log: LoggedRequest;
    served: Served;
    bucket: Bucket | null;
    viewer: Viewer;
  }) {
    const { world } = this.#parts;
    this.#parts.onAnswer(log, served);
    const text = served.text?.body ?? (served.body === undefined ? "" : JSON.stringify(served.body));
    const isGet = message.method === "GET" || message.method === "HEAD";
    const etag = isGet && served.status === 200 ? `W/"${createHash("sha256").update(text).digest("hex")}"` : null;
    const isSame = etag !== null && message.headers["if-none-match"]?.split(/,\s*/).includes(etag) === true;
    // What has not changed is free, for those who say who they are.
    log.counted = bucket === null || (isSame && viewer.token !== null) ? 0 : served.cost;
    if (bucket !== null) bucket.used += log.counted;
    const headers: Record<string, string> = {
      server: "github.com",
      date: new Date(world.now()).toUTCString(),
      "x-github-media-type": "github.v3; format=json",
      "x-github-api-version-selected": "2022-11-28",
      "x-github-request-id": `0401:0C2F:${world.nextId().toString(16).toUpperCase()}:4D5E6F:65A1B2C3`,
      "cache-control": viewer.token === null ? "public, max-age=60, s-maxage=60" : "private, max-age=60, s-maxage=60",
      vary: "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With",
      ...(etag === null ? {} : { etag }),
      ...(bucket === null ? {} : headersOf(bucket)),
      ...tokenHeaders(viewer, (ms) => world.iso(ms)),
      ...served.headers,
    };
    if (isSame) return { status: 304, headers, body: "" };
    if (text === "") return { status: served.status, headers, body: "" };
    return {
      status: served.status,
      headers: {
        ...headers,
        "content-type": served.text?.type ?? "application/json; charset=utf-8",
        "content-length": String(Buffer.byteLength(text)),
      },
      body: text,
    };
  }
}
