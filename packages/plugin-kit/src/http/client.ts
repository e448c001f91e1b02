import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { spread } from "@agent-orchestrator/core/host/ids";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { type Budget, createBudget } from "./budget.ts";
import { httpError, httpFailure } from "./errors.ts";
import { type Exchange, exchange, type Incoming, type Outgoing, type Redirect } from "./exchange.ts";
import { createGate, type Gate } from "./gate.ts";
import { DEFAULTS, type Fetch, type Http, type HttpOptions } from "./options.ts";
import { nameOf, type Redact, redactor } from "./redact.ts";
import { keyOf, openResponseStore, type ResponseStore, type StoredResponse } from "./response-store.ts";
import { backOffMs, isIdempotent, isPassingFailure, isPassingStatus, retryAfterMs } from "./retry.ts";
import { createTransport } from "./transport.ts";

export type { BudgetReport, Quota } from "./budget.ts";
export { type HttpFailure, httpError, httpFailure } from "./errors.ts";
export type { Fetch, Http, HttpOptions } from "./options.ts";

interface Client {
  options: HttpOptions;
  world: Exchange;
  budget: Budget;
  store: ResponseStore | null;
  gate: Gate;
}

interface Call {
  request: Outgoing;
  signal: AbortSignal;
  redirect: Redirect;
}

/** What network plugins talk to their service with. Nothing is loaded or opened before the first request. */
export function createHttp(options: HttpOptions): Http {
  const { clock, log, store } = options;
  const transport = createTransport(options);
  const maxBytes = options.maxBytes ?? DEFAULTS.maxBytes;
  const origins = new Set(options.origins.map((url) => new URL(url).origin));
  const redact = redactor(options.secrets ?? (() => []));
  const client: Client = {
    options,
    world: { transport, redact, options: { ...options, maxBytes, origins } },
    budget: createBudget({ share: options.reservedShare ?? DEFAULTS.reservedShare, nowMs: () => clock.now() }),
    gate: createGate(options.concurrency ?? DEFAULTS.concurrency),
    store: store === undefined ? null : openResponseStore({ maxBytes: DEFAULTS.storeBytes, ...store, log }),
  };
  const fetch: Fetch = async (input, init = {}) => {
    const never = new AbortController().signal;
    const call = { request: outgoing(input, init), signal: init.signal ?? never, redirect: init.redirect ?? "follow" };
    return toResponse(await inTime(client, call));
  };
  return {
    fetch,
    json: async (url, init = {}) => {
      const headers = new Headers(init.headers);
      if (!headers.has("accept")) headers.set("accept", "application/json");
      const response = await fetch(url, { ...init, headers });
      const text = await response.text();
      const request = redact(nameOf((init.method ?? "GET").toUpperCase(), new URL(url)));
      if (response.status >= 400) throw statusError(client, request, { status: response.status, text });
      return parse(request, text);
    },
    dispatcherTo: async (url) => (await transport.routeTo(webAddress(url), false)).dispatcher,
    budget: client.budget.report,
    waitMs: (resource = "core") => client.budget.waitMs(resource),
    close: transport.close,
  };
}

/** Of a web socket, the address that it begins with. */
const webAddress = ({ href }: URL): URL => new URL(href.replace(/^ws/, "http"));

function outgoing(input: Parameters<Fetch>[0], init: RequestInit): Outgoing {
  const { body = null } = init;
  if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array))
    throw new TypeError("the body of a request must be text or bytes, so that it can be sent again");
  const url = new URL(typeof input === "object" && "url" in input ? input.url : input);
  if (url.username !== "" || url.password !== "") {
    throw new AoError("CONFIG", `the address of ${url.host} contains a user or a password`, {
      hint: "Name the token in its own option.",
    });
  }
  return { method: (init.method ?? "GET").toUpperCase(), url, headers: new Headers(init.headers), body };
}

async function inTime(client: Client, call: Call): Promise<Incoming> {
  const { clock, name } = client.options;
  const ms = client.options.deadlineMs ?? DEFAULTS.deadlineMs;
  const work = (signal: AbortSignal) => withRetries(client, { ...call, signal });
  const late = () => timeoutError(name, call.request, ms);
  try {
    return await withDeadline(work, { clock, ms, signal: call.signal, late });
  } catch (error) {
    throw isAoError(error) ? withoutSecrets(error, client.world.redact) : error;
  }
}

/** An address, or the words of a library, may contain a token. */
function withoutSecrets(error: AoError, redact: Redact): AoError {
  const message = redact(error.message);
  if (message === error.message) return error;
  const { code, hint, details = {} } = error;
  return new AoError(code, message, { ...(hint === undefined ? {} : { hint }), details });
}

function timeoutError(name: string, { method, url }: Outgoing, timeoutMs: number): AoError {
  const message = `${name} did not answer within ${timeoutMs / 1000} s: ${nameOf(method, url)}`;
  return httpError({ kind: "timeout", timeoutMs }, { message });
}

async function withRetries(client: Client, call: Call): Promise<Incoming> {
  const { clock, log, retries = DEFAULTS.retries, deadlineMs = DEFAULTS.deadlineMs } = client.options;
  const endMs = clock.monotonic() + deadlineMs;
  const may = mayRepeat(client, call.request);
  for (let attempt = 0; ; attempt++) {
    const outcome = await settled(() => conditional(client, call), call.signal);
    const pauseMs = attempt < retries && may ? pauseAfter(client, outcome, attempt) : null;
    // A wait that is longer than the time left is the caller's decision.
    if (pauseMs === null || clock.monotonic() + pauseMs >= endMs) {
      if ("error" in outcome) throw outcome.error;
      return outcome.answer;
    }
    client.budget.count("retries");
    const { method, url } = call.request;
    const words = `${nameOf(method, url)} is sent again in ${Math.round(pauseMs)} ms: ${reasonOf(outcome)}`;
    log.debug(client.world.redact(words));
    await clock.sleep(pauseMs, call.signal);
  }
}

type Outcome = { answer: Incoming } | { error: unknown };

async function settled(work: () => Promise<Incoming>, signal: AbortSignal): Promise<Outcome> {
  try {
    return { answer: await work() };
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  }
}

const reasonOf = (outcome: Outcome): string =>
  "answer" in outcome ? `status ${outcome.answer.status}` : oneLine(String((outcome.error as Error).message), 300);

function mayRepeat({ options }: Client, { method, url, body }: Outgoing): boolean {
  if (isIdempotent(method)) return true;
  return options.isSafe?.({ method, url, body: typeof body === "string" ? body : null }) === true;
}

/** A timer may be this much early. */
const TIMER_MS = 25;

/** How long to wait before the next attempt. Null if there should be none. */
function pauseAfter({ options, budget }: Client, outcome: Outcome, attempt: number): number | null {
  const usual = backOffMs(attempt, { firstMs: options.pauseMs ?? DEFAULTS.pauseMs, chance: spread() });
  if ("error" in outcome) {
    const failure = httpFailure(outcome.error);
    return failure !== null && isPassingFailure(failure) ? usual : null;
  }
  const { status, headers } = outcome.answer;
  const blockedMs = budget.report().waitMs;
  if (blockedMs > 0 && (status === 403 || status === 429)) return blockedMs + TIMER_MS;
  if (!isPassingStatus(status)) return null;
  return retryAfterMs(headers, options.clock.now()) ?? usual;
}

/** With the condition of a stored answer, where there is one. */
async function conditional(client: Client, call: Call): Promise<Incoming> {
  const { request } = call;
  const { store, world } = client;
  const isOurs = world.options.origins.has(request.url.origin);
  const hasCondition = request.headers.has("if-none-match") || request.headers.has("if-modified-since");
  if (store === null || request.method !== "GET" || !isOurs || hasCondition) return await attempted(client, call);
  const header = (name: string) => request.headers.get(name) ?? "";
  const key = keyOf(request.url.href, header("accept"), header("authorization"), header("x-github-api-version"));
  const known = store.get(key);
  const answer = await attempted(client, known === null ? call : { ...call, request: withCondition(request, known) });
  if (answer.status === 304 && known !== null) return revived(known, answer);
  remember(store, key, answer);
  return answer;
}

function withCondition(request: Outgoing, { etag, lastModified }: StoredResponse): Outgoing {
  const headers = new Headers(request.headers);
  if (etag !== null) headers.set("if-none-match", etag);
  else if (lastModified !== null) headers.set("if-modified-since", lastModified);
  return { ...request, headers };
}

/** Headers that are about the connection, or must not be kept. */
const NOT_KEPT =
  /^(set-cookie|connection|keep-alive|transfer-encoding|content-length|content-encoding|date|retry-after|x-ratelimit-.*)$/;

function remember(store: ResponseStore, key: string, { status, headers, body }: Incoming): void {
  const [etag, lastModified] = [headers.get("etag"), headers.get("last-modified")];
  const isKept = !/\bno-store\b/.test(headers.get("cache-control") ?? "") && headers.get("vary") !== "*";
  if (status !== 200 || !isKept || (etag === null && lastModified === null)) return;
  const kept = [...headers].filter(([name]) => !NOT_KEPT.test(name));
  store.put(key, { status, headers: kept, etag, lastModified, body });
}

/** The stored answer, with what the confirmation says now (quota, date). */
function revived(known: StoredResponse, { headers, url }: Incoming): Incoming {
  const merged = new Headers(known.headers);
  for (const [name, value] of headers) if (name !== "content-length") merged.set(name, value);
  merged.set("x-ao-not-modified", "true");
  return { status: known.status, statusText: "OK", headers: merged, body: known.body, url };
}

/** One attempt within its time, unless the quota forbids it. */
async function attempted(client: Client, call: Call): Promise<Incoming> {
  const { options, world, budget } = client;
  const { method, url } = call.request;
  const isOurs = world.options.origins.has(url.origin);
  const resource = options.resourceOf?.({ method, url }) ?? "core";
  const waitMs = isOurs ? budget.waitMs(resource) : 0;
  if (waitMs > 0) throw limitedError(options.name, waitMs);
  const ms = options.attemptMs ?? DEFAULTS.attemptMs;
  const late = () => timeoutError(options.name, call.request, ms);
  if (isOurs) budget.count("requests");
  const work = (signal: AbortSignal) => exchange(world, call.request, { signal, redirect: call.redirect });
  const limits = { clock: options.clock, ms, signal: call.signal, late };
  const answer = await client.gate(call.signal, () => withDeadline(work, limits));
  if (isOurs && world.options.origins.has(answer.url.origin)) learn(client, resource, answer);
  return answer;
}

function learn({ budget, options }: Client, resource: string, { status, headers, body }: Incoming): void {
  if (status === 304) budget.count("notModified");
  const text = status === 403 || status === 429 ? Buffer.from(body.subarray(0, 4096)).toString("utf8") : "";
  if (!budget.learn({ resource, status, headers, body: text }).isRefusal) return;
  const { waitMs } = budget.report();
  options.log.warn(`${options.name} asks ao to wait ${Math.ceil(waitMs / 1000)} s (status ${status})`);
}

function limitedError(name: string, waitMs: number): AoError {
  const seconds = Math.ceil(waitMs / 1000);
  const time = seconds > 120 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
  return httpError(
    { kind: "limited", waitMs },
    {
      message: `the quota of ${name} is used up as far as ao may use it, for another ${time}`,
      hint: "ao asks again by itself. A part of the quota is left to your other tools.",
    },
  );
}

const MAX_BODY = 4096;

function statusError({ options, world }: Client, request: string, { status, text }: { status: number; text: string }) {
  const body = world.redact(text.slice(0, MAX_BODY));
  const words = /<html|<!doctype/i.test(body) ? "" : oneLine(messageIn(body), 200);
  const message = `${options.name} answered ${status} to ${request}${words === "" ? "" : `: ${words}`}`;
  return httpError({ kind: "status", status, body }, { message });
}

/** What a service says in the usual member of its answer. */
function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === "string" ? message : body;
  } catch {
    return body;
  }
}

function parse(request: string, text: string): unknown {
  try {
    return text === "" ? null : (JSON.parse(text) as unknown);
  } catch {
    throw httpError({ kind: "malformed", reason: "not JSON" }, { message: `${request} was not answered with JSON` });
  }
}

/** Its body is unpacked, and it knows where it came from. */
function toResponse({ status, statusText, headers, body, url }: Incoming): Response {
  const plain = new Headers(
    [...headers].filter(([name]) => !/^(content-encoding|content-length|transfer-encoding)$/.test(name)),
  );
  const hasBody = ![101, 204, 205, 304].includes(status);
  const response = new Response(hasBody ? (body as RequestInit["body"] & Uint8Array) : null, {
    status,
    statusText,
    headers: plain,
  });
  return Object.defineProperty(response, "url", { value: url.href });
}
