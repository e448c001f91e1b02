import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions, PluginContext } from "@agent-orchestrator/core/slots/common";
import { createHttp, type Http } from "@agent-orchestrator/plugin-kit/http/client";
import { redactor } from "@agent-orchestrator/plugin-kit/http/redact";
import type { LinearSdk } from "@linear/sdk";
import { linearError, requestError, STATUS_PAGE } from "./errors.ts";
import { createLimits, limitedError } from "./limits.ts";
import type { Options } from "./options.ts";

export interface Doing extends CallOptions {
  /** Completes "could not …": `read issue INT-100`. */
  what: string;
}

export interface Linear {
  /** A query of our own. Reads that the SDK would make in several requests are one. */
  ask<T>(query: string, variables: Record<string, unknown>, doing: Doing): Promise<T>;
  /** The SDK, for what changes something. Its requests are made as `doing` says. */
  sdk(doing: Doing): Promise<LinearSdk>;
}

type Access = Pick<Options, "apiKey" | "accessToken" | "apiUrl">;

/** A wait this short is not worth an error. */
const SHORT_MS = 2_000;

/** The SDK over our own HTTP client: its own transport can't be given up, and knows neither proxies nor deadlines. */
export function createLinear(access: Access, context: PluginContext): Linear {
  const { clock } = context;
  const authorization = authorizationOf(access, context);
  const secrets = [authorization?.replace(/^Bearer /, "") ?? ""].filter((secret) => secret !== "");
  const redact = redactor(() => secrets);
  const limits = createLimits(() => clock.now());
  const http = createHttp({
    name: "Linear",
    clock,
    log: context.log,
    env: () => context.env(),
    origins: [access.apiUrl],
    secrets: () => secrets,
    isSafe: ({ body }) => isQuery(body),
  });

  async function request<T>(query: string, variables: unknown, doing: Doing): Promise<T> {
    doing.signal?.throwIfAborted();
    const { what, signal } = doing;
    if (authorization === null) throw withoutKey(what);
    const waitMs = limits.waitMs();
    if (waitMs > SHORT_MS) throw limitedError(what, waitMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    const response = await send({ http, authorization, access, query, variables, signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw requestError(error, { what, redact });
    });
    const answer = await answerOf<T>(response);
    if (answer === null) throw notLinear(what, response.status);
    if (answer.data !== undefined && answer.data !== null && answer.errors === undefined && response.ok) {
      limits.learn(response.headers);
      return answer.data;
    }
    const { LinearErrorType, toError } = await import("./sdk.ts");
    const error = toError(answer, response);
    if (isLimit(answer) || error.type === LinearErrorType.Ratelimited) {
      throw limitedError(what, limits.refused(response.headers));
    }
    limits.learn(response.headers);
    throw linearError(error, { what, redact });
  }

  return {
    ask: request,
    async sdk(doing) {
      const { LinearSdk } = await import("./sdk.ts");
      return new LinearSdk((document, variables) => request(String(document), variables ?? {}, doing));
    },
  };
}

interface Sending {
  http: Http;
  authorization: string;
  access: Access;
  query: string;
  variables: unknown;
  signal: AbortSignal | undefined;
}

const send = ({ http, authorization, access, query, variables, signal }: Sending): Promise<Response> =>
  http.fetch(access.apiUrl, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
    redirect: "error",
    ...(signal === undefined ? {} : { signal }),
  });

interface Answer<T> {
  data?: T | null;
  errors?: { message?: string; extensions?: { code?: string } }[];
}

/** Null if it is not Linear's. */
async function answerOf<T>(response: Response): Promise<Answer<T> | null> {
  const text = await response.text();
  try {
    const answer = JSON.parse(text) as Answer<T> | null;
    return typeof answer === "object" ? answer : null;
  } catch {
    return null; // A web page says nothing that helps.
  }
}

function notLinear(what: string, status: number): AoError {
  if (status >= 500)
    return new AoError("UNREACHABLE", `could not ${what}: Linear answered ${status}`, { hint: STATUS_PAGE });
  return new AoError("UNREACHABLE", `could not ${what}: something else than Linear answered (status ${status})`, {
    hint: "Check `apiUrl`.",
  });
}

const isLimit = ({ errors }: Answer<unknown>): boolean =>
  errors?.some(({ extensions }) => extensions?.code === "RATELIMITED") === true;

/** A query may be sent twice, a mutation not. The SDK's documents may begin with a fragment. */
function isQuery(body: string | null): boolean {
  const { query } = JSON.parse(body ?? "{}") as { query?: string };
  return query !== undefined && !/(?:^|[\s}])mutation\b/.test(query);
}

/** The config's, else the environment's. An app's token goes behind `Bearer`, a personal key alone. */
function authorizationOf({ apiKey, accessToken }: Access, { tokens }: PluginContext): string | null {
  if (accessToken !== undefined) return bearer(accessToken);
  if (apiKey !== undefined) return apiKey;
  const { LINEAR_API_KEY, LINEAR_ACCESS_TOKEN } = tokens?.() ?? {};
  return LINEAR_API_KEY || (LINEAR_ACCESS_TOKEN ? bearer(LINEAR_ACCESS_TOKEN) : null);
}

const bearer = (token: string): string => `Bearer ${token.replace(/^Bearer /, "")}`;

const withoutKey = (what: string): AoError =>
  new AoError("UNAVAILABLE", `could not ${what}: there is no key for Linear`, {
    hint: "Create one at https://linear.app/settings/account/security, and export `LINEAR_API_KEY` where you run `ao`.",
  });
