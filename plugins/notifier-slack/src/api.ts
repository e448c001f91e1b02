import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { createHttp, type Http } from "@agent-orchestrator/plugin-kit/http/client";
import { redactor } from "@agent-orchestrator/plugin-kit/http/redact";
import type { Logger, WebClient, WebClientOptions } from "@slack/web-api";
import { slackError } from "./errors.ts";

/** Core waits ten seconds for a notifier, and a notice may take three calls. */
const ATTEMPT_MS = 4_000;
const MAX_ANSWER_BYTES = 8 << 20;

export type World = Pick<PluginContext, "clock" | "log" | "env">;

export interface Api {
  /** One call, tried once. Throws an AoError (see errors.ts), or the signal's reason. */
  ask<T>(call: (client: WebClient) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** What the SDK needs for its own calls. */
  clientOptions(signal?: AbortSignal): WebClientOptions;
  http: Http;
  redact(text: string): string;
}

/** The SDK writes whole messages into its log. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  setName: () => undefined,
  getLevel: () => "error" as ReturnType<Logger["getLevel"]>,
};

export interface Access {
  token: string;
  apiUrl: string;
  secrets: readonly string[];
}

/** Slack's Web API. The SDK is loaded with the first call. It never sends again by itself, because a message may then be there twice. */
export function openApi({ token, apiUrl, secrets }: Access, world: World): Api {
  const redact = redactor(() => secrets);
  // A limit of Slack's is about one method, so what it says about edits must not keep a notice.
  const byMethod = new Map<string, Http>();
  const httpFor = (method: string): Http => {
    const known = byMethod.get(method);
    if (known !== undefined) return known;
    const { clock, log, env } = world;
    const http = createHttp({
      ...{ name: "Slack", clock, log, env, secrets: () => secrets, origins: [apiUrl], retries: 0 },
      ...{ attemptMs: ATTEMPT_MS, deadlineMs: ATTEMPT_MS + 1_000, maxBytes: MAX_ANSWER_BYTES },
    });
    byMethod.set(method, http);
    return http;
  };
  const clientOptions = (signal?: AbortSignal): WebClientOptions => ({
    ...{ slackApiUrl: apiUrl, logger: SILENT, rejectRateLimitedCalls: true, allowAbsoluteUrls: false },
    retryConfig: { retries: 0 },
    fetch: (url, { method = "POST", headers = {}, body } = {}) =>
      httpFor(new URL(url).pathname).fetch(url, {
        ...{ method, headers, redirect: "error" },
        ...(typeof body === "string" ? { body } : {}),
        ...(signal === undefined ? {} : { signal }),
      }),
  });
  return {
    clientOptions,
    redact,
    http: httpFor(""),
    async ask(call, signal) {
      signal?.throwIfAborted();
      const sdk = await loadSdk();
      signal?.throwIfAborted();
      try {
        return await call(new sdk.WebClient(token, clientOptions(signal)));
      } catch (error) {
        signal?.throwIfAborted();
        throw slackError(error, redact);
      }
    },
  };
}

/** Bundled, a CommonJS module has only its default. */
async function loadSdk(): Promise<typeof import("@slack/web-api")> {
  const loaded: { default?: unknown } = await import("@slack/web-api");
  return (loaded.default ?? loaded) as typeof import("@slack/web-api");
}
