import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { tlsOf } from "../faulty-server.ts";
import { blockFaults } from "./block-kit.ts";
import { type Answer, type Args, METHODS, refused } from "./methods.ts";
import { type Person, people } from "./people.ts";
import { type SocketMode, socketMode } from "./socket.ts";
import { type SlackCall, type SlackFault, type SlackMessage, type SlackWorld, slackWorld } from "./world.ts";

export interface FakeSlack {
  world: SlackWorld;
  /** For `apiUrl`. */
  apiUrl: string;
  /** An incoming webhook of the first channel. */
  webhookUrl: string;
  port: number;
  socket: SocketMode;
  /** What people do. */
  person(id: string): Person;
  /** What was written, the oldest first. Default: the first channel. */
  messages(channel?: string): SlackMessage[];
  /** The calls of a method. */
  calls(method: string): SlackCall[];
}

export interface SlackOptions {
  now?: () => number;
  /** With TLS, it is at https://api.example.com for whoever has a proxy that leads there. */
  tls?: boolean;
}

/** Our own small Slack on loopback, until the test ends: a workspace, its Web API, an incoming webhook and Socket Mode. */
export async function fakeSlack(options: SlackOptions = {}): Promise<FakeSlack> {
  const world = slackWorld(options.now ?? Date.now);
  const open = new Set<Socket>();
  const listener: RequestListener = (request, response) => void answer(request, response);
  const server = options.tls === true ? createSecureServer(tlsOf("server"), listener) : createServer(listener);
  const socket = socketMode(world, server);
  server.on("connection", (one: Socket) => {
    open.add(one);
    one.once("close", () => open.delete(one));
    one.on("error", () => undefined); // Tests break connections.
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = options.tls === true ? "https://api.example.com" : `http://127.0.0.1:${port}`;
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        socket.close();
        server.close(() => resolve());
        for (const one of open) one.destroy();
      }),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const { pathname } = new URL(request.url ?? "", origin);
    const isHook = pathname === HOOK;
    const method = isHook ? "webhook" : pathname.replace(/^\/api\//, "");
    const args = isHook ? (parsed(body) as Args) : argsOf(body, request.headers["content-type"]);
    const call = { method, args, at: performance.now() };
    const before = world.calls.filter((one) => one.method === method).length;
    world.calls.push(call);
    const work = () => (isHook ? hook(world, args) : api(request, call));
    respond(response, { fault: world.faults(call, before), work, isHook, scopes: [...world.scopes] });
  }

  function api(request: IncomingMessage, { method, args }: SlackCall): Answer {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? args.token;
    if (method === "apps.connections.open") return connectionsOpen(token);
    if (token === undefined) return refused("not_authed");
    if (token !== world.token) return refused(token === world.appToken ? "not_allowed_token_type" : "invalid_auth");
    if (world.tokenFault !== null) return refused(world.tokenFault);
    return METHODS[method]?.(world, args) ?? refused("unknown_method", { req_method: method });
  }

  function connectionsOpen(token: unknown): Answer {
    if (token !== world.appToken) return refused(token === world.token ? "not_allowed_token_type" : "invalid_auth");
    if (!world.appScopes.has("connections:write")) return refused("missing_scope", { needed: "connections:write" });
    return { ok: true, url: socket.open(origin) };
  }

  return {
    ...{ world, socket, port, apiUrl: `${origin}/api/`, webhookUrl: `${origin}${HOOK}` },
    person: (id) => people(world, socket, id),
    messages: (channel = world.channels[0]?.id ?? "") => world.messages.filter((one) => one.channel === channel),
    calls: (method) => world.calls.filter((one) => one.method === method),
  };
}

const HOOK = "/services/T01TEAM/B0HOOK/s3cretS3cretS3cret";

interface Turn {
  fault: SlackFault | null;
  work(): Answer;
  isHook: boolean;
  scopes: string[];
}

function respond(response: ServerResponse, { fault, work, isHook, scopes }: Turn): void {
  const isDone = fault === null || ("isDone" in fault && fault.isDone === true);
  const result = isDone ? work() : null;
  if (fault?.kind === "silent") return;
  if (fault?.kind === "broken") return void response.socket?.resetAndDestroy();
  if (fault?.kind === "status")
    return void response.writeHead(fault.status, { "content-type": "text/html" }).end("<html>");
  if (fault?.kind === "limited") {
    const headers = { "retry-after": String(fault.seconds), "content-type": "application/json" };
    return void response.writeHead(429, headers).end(JSON.stringify(refused("ratelimited")));
  }
  const answer = fault?.kind === "error" ? refused(fault.error, fault.more) : (result ?? refused("internal_error"));
  if (isHook) return void response.writeHead(answer.ok ? 200 : 400).end(answer.ok ? "ok" : String(answer.error));
  const headers = { "content-type": "application/json; charset=utf-8", "x-oauth-scopes": scopes.join(",") };
  response.writeHead(200, headers).end(JSON.stringify(answer));
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
function hook(world: SlackWorld, args: Args): Answer {
  const unknown = Object.keys(args).filter((key) => !HOOK_KEYS.has(key));
  if (unknown.length > 0 || (args.blocks !== undefined && blockFaults(args.blocks).length > 0))
    return refused("invalid_blocks");
  const channel = world.channels[0]?.id ?? "";
  return METHODS["chat.postMessage"]?.(world, { ...args, channel }) ?? refused("no_service");
}

const HOOK_KEYS = new Set(["text", "blocks", "attachments", "mrkdwn", "unfurl_links", "unfurl_media", "thread_ts"]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A form, as the SDK sends it: what is no text is JSON in it. */
function argsOf(body: string, type = ""): Args {
  if (type.includes("json")) return parsed(body) as Args;
  const plain = new Set([
    "text",
    "channel",
    "ts",
    "thread_ts",
    "user",
    "cursor",
    "types",
    "message_ts",
    "oldest",
    "token",
  ]);
  const read = (name: string, value: string): unknown => {
    if (plain.has(name)) return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  };
  return Object.fromEntries([...new URLSearchParams(body)].map(([name, value]) => [name, read(name, value)]));
}
