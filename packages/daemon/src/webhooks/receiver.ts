import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import type { App } from "../app.ts";
import { type Place, placesOf } from "./places.ts";
import { bodyReader, TooMuch } from "./read-body.ts";

/** Names us in each answer, so that `ao doctor` can tell whose port it is. */
export const SERVER = "ao";
/** How often the configs are compared with the open ports. */
const EVERY_MS = 2_000;
/** An event on a forge is often several deliveries. They cause one look. */
const GATHER_MS = 150;
const ANSWER_MS = 8_000;
const MAX_CONNECTIONS = 64;

/**
 * Listens on the loopback ports of the projects with `scm.webhook`. A delivery is only a hint: it makes the daemon ask the forge now.
 * Answers 202; 401 without a right signature; 403 for another repository; 404, 405, 413 and 503 as HTTP has them.
 */
export function startWebhooks(app: App): { stop(): void } {
  const stopping = new AbortController();
  const servers = new Map<number, Server>();
  const answer = answerer(app);
  void keepOpen(app, { servers, answer, signal: stopping.signal });
  return {
    stop() {
      stopping.abort();
      for (const port of servers.keys()) close(servers, port);
    },
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Ports {
  servers: Map<number, Server>;
  answer: Answer;
  signal: AbortSignal;
}

async function keepOpen(app: App, { servers, answer, signal }: Ports): Promise<void> {
  const failed = new Set<number>();
  while (!signal.aborted) {
    const wanted = new Set(placesOf(app).map(({ port }) => port));
    for (const port of servers.keys()) if (!wanted.has(port)) close(servers, port);
    for (const port of wanted) {
      if (servers.has(port)) continue;
      try {
        const server = await listen(port, answer);
        servers.set(port, server);
        failed.delete(port);
        if (signal.aborted) close(servers, port);
      } catch (error) {
        if (!failed.has(port)) app.world.log.warn(`webhooks: cannot listen on 127.0.0.1:${port}: ${String(error)}`);
        failed.add(port);
      }
    }
    await app.world.clock.sleep(EVERY_MS, signal).catch(() => undefined); // The daemon stops.
  }
}

function listen(port: number, answer: Answer): Promise<Server> {
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 };
  const server = createServer(limits, (request, response) => void answer(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server.off("error", reject)));
  });
}

function close(servers: Map<number, Server>, port: number): void {
  servers.get(port)?.close();
  servers.get(port)?.closeAllConnections();
  servers.delete(port);
}

function answerer(app: App): Answer {
  const readBody = bodyReader();
  const hear = createHearing(app);
  return async (request, response) => {
    let status = 500;
    try {
      status = await statusOf(request);
    } catch (error) {
      status = error instanceof TooMuch ? error.status : 500;
      if (!(error instanceof TooMuch)) app.world.log.warn(`webhooks: ${String(error)}`);
    }
    // The rest of a body that is not wanted is not read.
    response.writeHead(status, { server: SERVER, ...(request.complete ? {} : { connection: "close" }) }).end();
  };

  async function statusOf(request: IncomingMessage): Promise<number> {
    const [path] = (request.url ?? "").split("?");
    const port = request.socket.localPort;
    const places = placesOf(app).filter((place) => place.port === port && place.path === path);
    if (places.length === 0) return 404;
    if (request.method !== "POST") return 405;
    const delivery = { headers: headersOf(request), rawBody: await readBody(request) };
    const answers = await Promise.all(places.map((place) => hear(place, delivery)));
    // Several repositories may share an address. One of them knows it.
    return RANKED.find((status) => answers.includes(status)) ?? 500;
  }
}

const RANKED = [202, 503, 403, 400, 401];

/** Repeated ones joined, as Node does for most. */
const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]));

interface Delivery {
  headers: Record<string, string>;
  rawBody: Uint8Array;
}

/** Passes a delivery to a project's scm, and wakes the project if there is something to look at. Returns the HTTP status. */
function createHearing(app: App) {
  const gathering = new Set<string>();
  const late = () => new AoError("UNREACHABLE", "the scm did not answer");

  async function wake({ project }: Place): Promise<void> {
    const key = `${project.instanceId} ${project.id}`;
    if (gathering.has(key)) return;
    gathering.add(key);
    await app.world.clock.sleep(GATHER_MS, app.stopping).catch(() => undefined); // The daemon stops.
    gathering.delete(key);
    const ours = Object.values(app.engine.state.sessions).find(
      ({ instanceId, projectId, isArchived }) =>
        !isArchived && instanceId === project.instanceId && projectId === project.id,
    );
    // One session wakes all of its project.
    if (ours !== undefined) app.observers.wake(ours.id);
  }

  return async (place: Place, delivery: Delivery): Promise<number> => {
    try {
      const limits = { clock: app.world.clock, ms: ANSWER_MS, signal: app.stopping, late };
      const scm = await app.world.projectPlugins(place.project).scm();
      const hints = await withDeadline((signal) => judge(scm, delivery, signal), limits);
      if (hints === null) return 401;
      if (hints.length > 0) void wake(place);
      return 202;
    } catch (error) {
      const { code, message } = toAoError(error);
      if (code === "REFUSED") return 403;
      if (code === "USAGE") return 400;
      app.world.log.warn(`webhooks of ${place.project.id}: ${isAoError(error) ? message : String(error)}`);
      return 503;
    }
  };
}

/** Null without a right signature. */
async function judge(scm: SCM, { headers, rawBody }: Delivery, signal: AbortSignal): Promise<object[] | null> {
  if ((await scm.verifyWebhook?.(headers, rawBody, { signal })) !== true) return null;
  return (await scm.parseWebhook?.(headers, rawBody, { signal })) ?? [];
}
