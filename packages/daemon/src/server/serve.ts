import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Frame, RequestBody, WireError } from "@agent-orchestrator/core/protocol/frames";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { type Effect, Json, type Reply } from "../define-request.ts";
import { handlers } from "../handlers.ts";
import { isRequest, type RequestName } from "../requests.ts";
import { requirePermission } from "./access.ts";
import { type Asker, askerOf } from "./asker.ts";
import { type Peer, peerOf } from "./peer.ts";
import { createTurns, wishOf } from "./wishes.ts";

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
export function serve(app: App): Server {
  const peers = new WeakMap<Socket, Peer | null>();
  const waiting = limitWaiting();
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 1 }, (request, response) => {
    void answer(app, { request, peer: peers.get(request.socket) ?? null, isRead: waiting.isRead }, response);
  });
  server.on("connection", (socket) => {
    peers.set(socket, peerOf(socket));
    waiting.add(socket);
  });
  return server;
}

/** A command sends its request at once. Of connections that do not, the oldest give way. */
const MAX_WAITING = 128;

function limitWaiting(): { add(socket: Socket): void; isRead(socket: Socket): void } {
  const waiting = new Set<Socket>();
  return {
    add(socket) {
      waiting.add(socket);
      socket.once("close", () => waiting.delete(socket));
      const [oldest] = waiting;
      if (waiting.size > MAX_WAITING) oldest?.destroy();
    },
    isRead: (socket) => void waiting.delete(socket),
  };
}

const inTurn = createTurns();

interface Incoming {
  request: IncomingMessage;
  peer: Peer | null;
  /** Called when the whole request is here. */
  isRead(socket: Socket): void;
}

async function answer(app: App, { request, peer, isRead }: Incoming, response: ServerResponse): Promise<void> {
  const hangUp = new AbortController();
  response.on("close", () => hangUp.abort(new AoError("TRY_AGAIN", "the caller hung up")));
  const write = (frame: Frame) => {
    if (!response.writableEnded && !hangUp.signal.aborted) response.write(`${JSON.stringify(frame)}\n`);
  };
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders(); // The caller waits for a first byte, however long the answer takes.
  try {
    const name = /^\/v1\/([a-z-]+)$/.exec(request.url ?? "")?.[1];
    if (request.method !== "POST" || name === undefined || !isRequest(name))
      throw new AoError("USAGE", `no such request: ${request.url ?? ""}`);
    const { access, effect, accept } = handlers[name];
    const body = parseBody(await readBody(request));
    isRead(request.socket);
    await mustBeThere(request, hangUp.signal);
    const asker = askerOf(knownTo(app), body.caller, peer);
    requirePermission({ name, access, params: body.params, asker });
    if (asker.who === "user") app.configs.noteTokens(body.caller);
    if (asker.who === "user" && isDoing(name, effect, body.params)) app.presence.note();
    const run = accept(name, body.params);
    const { data, meta } = await inTurn(body.caller.wishId, () => {
      hangUp.signal.throwIfAborted();
      if (effect === "change") failpoint("request.begin");
      const call = makeCall(app, { name, body }, { asker, write, signal: hangUp.signal });
      return runToView<Reply<unknown, unknown>>(app, effect, () => run(app, call));
    });
    if (effect === "change") failpoint("request.done");
    if (data instanceof Json) writeJson(response, data, meta ?? {});
    else write({ type: "result", data, meta: meta ?? {} });
  } catch (error) {
    if (!isAoError(error)) app.world.log.warn(`bug in ${request.url ?? ""}: ${stackOf(error)}`);
    write({ type: "error", error: toWire(error, (text) => app.configs.redact(text)) });
  } finally {
    response.end();
  }
}

/** Whether a person does this. Scripts look at states, too. `isLook` is said for people only. */
const isDoing = (name: RequestName, effect: Effect, params: unknown): boolean =>
  effect === "change" || name === "attach" || (params as { isLook?: unknown } | undefined)?.isLook === true;

/** The frame of a result, around text that need not be parsed. */
function writeJson(response: ServerResponse, { text }: Json<unknown>, meta: unknown): void {
  if (response.writableEnded || response.destroyed) return;
  response.write(`{"type":"result","meta":${JSON.stringify(meta)},"data":`);
  response.write(text);
  response.write("}\n");
}

/** Once a request is answered or refused, the metadata files show its outcome too. */
async function runToView<T>(app: App, effect: Effect, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    if (effect === "change") app.store.views.flush();
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

function makeCall(app: App, { name, body }: { name: RequestName; body: RequestBody }, wire: Wire): Call {
  const agentSession = wire.asker.who === "agent" ? wire.asker.session : null;
  const { engine, world } = app;
  return {
    caller: body.caller,
    agentSession,
    wish: wishOf({ engine, newId: world.newId }, { name, id: body.caller.wishId, agentSession }),
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

/** A request that had to wait may have been given up meanwhile. Then it is not carried out. */
async function mustBeThere({ socket }: IncomingMessage, hangUp: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve)); // what is in the socket's buffer has been read after that
  hangUp.throwIfAborted();
  if (socket.destroyed || socket.readableEnded) throw new AoError("TRY_AGAIN", "the caller hung up");
}

function parseBody(text: string): RequestBody {
  try {
    return Body.parse(JSON.parse(text)) as RequestBody;
  } catch (cause) {
    throw new AoError("USAGE", "the request is not understood", { cause });
  }
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
