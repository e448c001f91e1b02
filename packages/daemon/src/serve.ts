import { chmodSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Frame, RequestBody, WireError } from "@agent-orchestrator/core/protocol/frames";
import { z } from "zod";
import type { App, Call } from "./app.ts";
import { requirePermission } from "./callers/access.ts";
import { type Asker, askerOf } from "./callers/asker.ts";
import { type Peer, peerOf } from "./callers/peer.ts";
import { handlers, isRequest } from "./handlers.ts";

const MAX_BODY = 4 * 1024 * 1024;

const Body = z.looseObject({
  params: z.looseObject({}),
  caller: z.looseObject({
    cwd: z.string(),
    pid: z.number().int(),
    build: z.string(),
    configPath: z.string().optional(),
    sessionId: z.string().optional(),
    token: z.string().optional(),
    proof: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
    wishId: z.string().max(64).optional(),
  }),
});

/** The daemon's API on a unix socket: `POST /v1/{request}`, answered as a stream of frames. */
export async function serve(app: App, socketPath: string): Promise<Server> {
  const peers = new WeakMap<Socket, Peer | null>();
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 1 }, (request, response) => {
    void answer(app, { request, peer: peers.get(request.socket) ?? null }, response);
  });
  server.on("connection", (socket) => peers.set(socket, peerOf(socket)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, () => {
      chmodSync(socketPath, 0o600);
      resolve();
    });
  });
  return server;
}

interface Incoming {
  request: IncomingMessage;
  peer: Peer | null;
}

async function answer(app: App, { request, peer }: Incoming, response: ServerResponse): Promise<void> {
  const hangUp = new AbortController();
  response.on("close", () => hangUp.abort(new AoError("TRY_AGAIN", "the caller hung up")));
  const write = (frame: Frame) => {
    if (!response.writableEnded && !hangUp.signal.aborted) response.write(`${JSON.stringify(frame)}\n`);
  };
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  try {
    const name = /^\/v1\/([a-z-]+)$/.exec(request.url ?? "")?.[1];
    if (request.method !== "POST" || name === undefined || !isRequest(name))
      throw new AoError("USAGE", `no such request: ${request.url ?? ""}`);
    const handler = handlers[name];
    const body = parseBody(await readBody(request));
    const asker = askerOf(knownTo(app), body.caller, peer);
    requirePermission({ name, params: body.params, asker });
    const params = parseParams(name, handler.params, body.params);
    const call = makeCall(body, { asker, write, signal: hangUp.signal });
    const { data, meta } = await runToView(app, name, () => handler.run(app, params, call));
    write({ type: "result", data, meta: meta ?? {} });
  } catch (error) {
    if (!isAoError(error)) app.world.log.warn(`bug in ${request.url ?? ""}: ${stackOf(error)}`);
    write({ type: "error", error: toWire(error, (text) => app.configs.redact(text)) });
  } finally {
    response.end();
  }
}

/** These requests only read, so they do not wait for the metadata files. */
const LOOKS: ReadonlySet<string> = new Set([
  "ping",
  "status",
  "show",
  "checks",
  "explain",
  "events",
  "logs",
  "path",
  "attach",
  "open",
  "exec",
  "diff",
  "doctor",
  "config-validate",
  "config-show",
  "plugin-list",
]);

/** Once a request is answered or refused, the metadata files show its outcome too. */
async function runToView<T>(app: App, name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    if (!LOOKS.has(name)) app.store.views.flush();
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const knownTo = ({ home, engine, proofs, userLimit }: App) => ({
  home,
  sessions: engine.state.sessions,
  proofs,
  userLimit,
});

interface Wire {
  asker: Asker;
  write(frame: Frame): void;
  signal: AbortSignal;
}

function makeCall(body: RequestBody, wire: Wire): Call {
  return {
    caller: body.caller,
    agentSession: wire.asker.who === "agent" ? wire.asker.session : null,
    signal: wire.signal,
    progress: (text) => wire.write({ type: "progress", text }),
    item: (data) => wire.write({ type: "item", data }),
    ring: (text) => wire.write({ type: "ring", text }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new AoError("USAGE", "the request is larger than 4 MiB");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody(text: string): RequestBody {
  try {
    return Body.parse(JSON.parse(text)) as RequestBody;
  } catch (cause) {
    throw new AoError("USAGE", "the request is not understood", { cause });
  }
}

function parseParams(name: string, schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new AoError("USAGE", `${name}: ${first?.path.join(".") ?? ""}: ${first?.message ?? "not understood"}`);
}

/** A plugin's words may contain what it was given. */
function toWire(error: unknown, redact: (text: string) => string): WireError {
  const known = toAoError(error);
  return {
    code: known.code,
    message: redact(known.message),
    ...(known.hint === undefined ? {} : { hint: redact(known.hint) }),
    ...(known.details === undefined ? {} : { details: known.details }),
  };
}
