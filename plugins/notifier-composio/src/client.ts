import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { isLoopbackHost } from "@agent-orchestrator/plugin-kit/http/addresses";
import { createHttp } from "@agent-orchestrator/plugin-kit/http/client";
import type { Composio } from "@composio/core";
import type { Options } from "./options.ts";

/** Core waits ten seconds for a notifier. */
const DEADLINE_MS = 9_000;
const ATTEMPT_MS = 7_000;
const MAX_ANSWER_BYTES = 4 << 20;

export interface Client {
  composio: Composio;
  /** What the last request failed with before there was an answer. The library keeps some of these to itself. */
  failure(): unknown;
  /** Before the next call. */
  forget(): void;
}

/**
 * The library, loaded with the first notice. It takes about as much memory as all other notifiers together. Its requests go our way:
 * proxies, certificates and time limits as everywhere, no redirects, nothing about this machine in their headers.
 */
export async function openClient(
  options: Options,
  { clock, log, env }: Pick<PluginContext, "clock" | "log" | "env">,
): Promise<Client> {
  const { Composio } = await import("@composio/core");
  const { apiKey, baseURL } = options;
  const http = createHttp({
    ...{ name: "Composio", clock, log, env, secrets: () => [apiKey] },
    origins: [baseURL],
    allowPlain: isLoopbackHost(new URL(baseURL).hostname),
    ...{ attemptMs: ATTEMPT_MS, deadlineMs: DEADLINE_MS, maxBytes: MAX_ANSWER_BYTES, retries: 1 },
  });
  const composio = new Composio({ apiKey, baseURL, allowTracking: false, disableVersionCheck: true });
  let failure: unknown = null;
  const fetch: typeof http.fetch = async (url, init = {}) => {
    try {
      return await http.fetch(url, { ...init, headers: withoutMachine(init.headers), redirect: "manual" });
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  Object.assign(composio.getClient(), { fetch, maxRetries: 0, timeout: 2 * DEADLINE_MS, logLevel: "off" });
  return {
    composio,
    failure: () => failure,
    forget: () => {
      failure = null;
    },
  };
}

/** The generated client tells its server the system, the processor and the version of Node. */
function withoutMachine(given: RequestInit["headers"]): Headers {
  const headers = new Headers(given);
  for (const name of [...headers.keys()]) if (name.startsWith("x-stainless-")) headers.delete(name);
  headers.set("user-agent", "agent-orchestrator");
  return headers;
}
