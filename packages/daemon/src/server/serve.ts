import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Frame, RequestBody } from "@agent-orchestrator/core/protocol/frames";
import { z } from "zod";
import type { App } from "../app.ts";
import { isRequest } from "../requests.ts";
import { answerRequest } from "./answer.ts";
import { askerOf } from "./asker.ts";
import { type Peer, peerOf } from "./peer.ts";

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
  const writeJson = (head: string, text: Uint8Array) => {
    if (response.writableEnded || response.destroyed) return;
    response.write(head);
    response.write(text);
    response.write("}\n");
  };
  const asked = async () => {
    const name = /^\/v1\/([a-z-]+)$/.exec(request.url ?? "")?.[1];
    if (request.method !== "POST" || name === undefined || !isRequest(name))
      throw new AoError("USAGE", `no such request: ${request.url ?? ""}`);
    const { params, caller } = parseBody(await readBody(request));
    isRead(request.socket);
    await mustBeThere(request, hangUp.signal);
    return { name, params, caller, asker: askerOf(knownTo(app), caller, peer) };
  };
  await answerRequest(app, asked, { write, writeJson, signal: hangUp.signal });
  response.end();
}

const knownTo = ({ home, engine, proofs, userLimit }: App) => ({
  home,
  sessions: engine.state.sessions,
  proofs,
  userLimit,
});

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
