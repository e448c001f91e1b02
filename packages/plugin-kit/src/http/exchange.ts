import { isLoopbackHost, isPrivateHost } from "./addresses.ts";
import { type HttpFailure, httpError, httpFailure, networkError } from "./errors.ts";
import type { HttpOptions } from "./options.ts";
import { nameOf, type Redact } from "./redact.ts";
import { refusedAddress, type Transport } from "./transport.ts";

export type Redirect = NonNullable<RequestInit["redirect"]>;

/** One request, ready to be sent. */
export interface Outgoing {
  method: string;
  url: URL;
  headers: Headers;
  body: string | Uint8Array | null;
}

/** A whole answer. */
export interface Incoming {
  status: number;
  statusText: string;
  headers: Headers;
  body: Uint8Array;
  /** After redirects. */
  url: URL;
}

export interface Exchange {
  transport: Transport;
  options: Pick<HttpOptions, "allowPrivate" | "allowPlain" | "name"> & {
    maxBytes: number;
    origins: ReadonlySet<string>;
  };
  redact: Redact;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What a host that nobody configured gets to see. */
const HARMLESS = new Set(["accept", "accept-encoding", "accept-language", "range", "user-agent"]);

/** Sends it, follows redirects, and reads the whole body. Throws typed failures, and the signal's reason. */
export async function exchange(
  world: Exchange,
  first: Outgoing,
  call: { signal: AbortSignal; redirect: Redirect },
): Promise<Incoming> {
  let request = first;
  for (let hops = 0; ; hops++) {
    const answer = await sendOne(world, request, call.signal);
    const next = call.redirect === "manual" ? null : nextOf(world, request, answer);
    if (next === null) return answer;
    if (call.redirect === "error") throw malformed(request, "was redirected, which is not allowed here");
    if (hops >= MAX_REDIRECTS) throw malformed(first, `was redirected more than ${MAX_REDIRECTS} times`);
    request = next;
  }
}

const malformed = ({ method, url }: Outgoing, what: string, reason = what): Error =>
  httpError({ kind: "malformed", reason }, { message: `${nameOf(method, url)} ${what}` });

async function sendOne(world: Exchange, request: Outgoing, signal: AbortSignal): Promise<Incoming> {
  const { url, method, headers, body } = request;
  const isTrusted = world.options.origins.has(url.origin);
  requirePermitted(world, url, isTrusted);
  const isGuarded = !isTrusted && world.options.allowPrivate !== true;
  const { send, proxy } = await world.transport.routeTo(url, isGuarded);
  const ending = new AbortController();
  const onAbort = () => ending.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const init = { method, headers, redirect: "manual", signal: ending.signal } as const;
    const response = await send(
      url,
      body === null ? init : { ...init, body: body as RequestInit["body"] & Uint8Array },
    );
    const bytes = await readBody(response, { request, maxBytes: world.options.maxBytes });
    const answer = {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
      body: bytes,
      url,
    };
    requireSense(request, answer);
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    if (httpFailure(error) !== null) throw rootOf(error);
    throw networkError(error, { request: nameOf(method, url), host: url.host, proxy, redact: world.redact });
  } finally {
    signal.removeEventListener("abort", onAbort);
    ending.abort(); // Whatever is left of the answer is not read any more.
  }
}

/** The failure itself, without what fetch wrapped around it. */
function rootOf(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && !("code" in inner && "details" in inner) && inner.cause !== undefined)
    inner = inner.cause;
  return inner;
}

function requirePermitted({ options }: Exchange, url: URL, isTrusted: boolean): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refusedAddress(url.protocol, "is no http address");
  if (url.protocol === "http:" && options.allowPlain !== true && !isLoopbackHost(url.hostname))
    throw refusedAddress(url.host, "is addressed by plain http, which anybody on the way can read and change");
  if (!isTrusted && options.allowPrivate !== true && isPrivateHost(url.hostname) === true)
    throw refusedAddress(url.host, "is in a private network");
}

/** The request that a redirect asks for. Null if this is none. */
function nextOf(world: Exchange, request: Outgoing, { status, headers }: Incoming): Outgoing | null {
  const location = headers.get("location");
  if (!REDIRECTS.has(status) || location === null) return null;
  const { url: from, method } = request;
  const url = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (url === null) throw malformed(request, "was redirected to something that is no address");
  if (from.protocol === "https:" && url.protocol === "http:" && world.options.allowPlain !== true)
    throw refusedAddress(url.host, "is where a secure address redirects to, in plain http");
  const toGet = status === 303 ? method !== "HEAD" : status < 303 && method === "POST";
  const body = toGet ? null : request.body;
  const isElsewhere = url.origin !== from.origin;
  if (isElsewhere && body !== null) throw refusedAddress(url.host, "is another host, and the request carries data");
  url.username = "";
  url.password = "";
  return {
    method: toGet ? "GET" : method,
    url,
    headers: headersFor(request.headers, { isElsewhere, hasBody: body !== null }),
    body,
  };
}

function headersFor(headers: Headers, { isElsewhere, hasBody }: { isElsewhere: boolean; hasBody: boolean }): Headers {
  const kept = [...headers].filter(([name]) => {
    if (isElsewhere) return HARMLESS.has(name);
    return hasBody || !name.startsWith("content-");
  });
  return new Headers(kept);
}

interface Reading {
  request: Outgoing;
  maxBytes: number;
}

/** All of the body, unpacked. Stops as soon as there is too much of it. */
async function readBody(response: Response, { request, maxBytes }: Reading): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const isPacked = response.headers.has("content-encoding");
  if (!isPacked && Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(request, maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(request, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge({ method, url }: Outgoing, maxBytes: number): Error {
  const failure: HttpFailure = { kind: "too-large", maxBytes };
  return httpError(failure, { message: `${nameOf(method, url)}: the answer is larger than ${sizeText(maxBytes)}` });
}

const sizeText = (bytes: number): string =>
  bytes >= 1 << 20 ? `${Math.round(bytes / (1 << 20))} MiB` : `${Math.max(1, Math.round(bytes / 1024))} KiB`;

/**
 * An answer of 2xx to somebody who wants JSON is JSON, unless it says to be something else (a log, an archive), and never a web page
 * (of a proxy, a login, an outage). A packed body that is cut is noticed only here: fetch accepts it.
 */
function requireSense(request: Outgoing, { status, headers, body }: Incoming): void {
  if (status < 200 || status > 299 || body.length === 0 || request.method === "HEAD") return;
  if (!/\bjson\b/.test(request.headers.get("accept") ?? "")) return;
  const type = headers.get("content-type") ?? "";
  if (/\bhtml\b/.test(type)) throw malformed(request, "was answered with a web page", "a web page");
  if (type !== "" && !/\bjson\b/.test(type)) return;
  try {
    JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw malformed(request, "was answered with incomplete data", "not JSON");
  }
}
