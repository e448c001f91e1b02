import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { LOOPBACK } from "../launch/port.ts";
import { USER } from "../launch/record.ts";

/** A request that arrives while the program starts may never be answered, so it is abandoned and repeated. */
const ANSWER_MS = 5_000;

export interface ServerDoor {
  port: number;
  password: string;
  clock: Clock;
}

export interface Ask {
  signal?: AbortSignal | undefined;
  body?: unknown;
  timeoutMs?: number;
}

/** The HTTP server inside one running OpenCode. */
export interface Server {
  /** Null if it does not exist (404). Throws UNREACHABLE if the server does not respond, FAILED if it refuses. */
  get<T>(path: string, schema: z.ZodType<T>, ask?: Ask): Promise<T | null>;
  /** False if it does not exist (404). */
  post(path: string, ask?: Ask): Promise<boolean>;
  create<T>(path: string, schema: z.ZodType<T>, ask?: Ask): Promise<T>;
  /** The event stream, until the signal aborts. */
  events(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Whether a caller without the password is rejected. */
  isGuarded(signal?: AbortSignal): Promise<boolean>;
}

export function openServer({ port, password, clock }: ServerDoor): Server {
  const base = `http://${LOOPBACK}:${port}`;
  const authorization = `Basic ${Buffer.from(`${USER}:${password}`).toString("base64")}`;

  async function call(method: "GET" | "POST", path: string, ask: Ask): Promise<{ status: number; text: string }> {
    return within(clock, ask, async (signal) => {
      const response = await fetch(`${base}${path}`, {
        method,
        signal,
        redirect: "error",
        headers: { authorization, ...(ask.body === undefined ? {} : { "content-type": "application/json" }) },
        ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      });
      const text = await response.text();
      if (response.ok || response.status === 404) return { status: response.status, text };
      throw refused(`${method} ${path}`, response.status, text);
    });
  }

  return {
    async get(path, schema, ask = {}) {
      const { status, text } = await call("GET", path, ask);
      return status === 404 ? null : answerOf(path, schema, text);
    },
    async post(path, ask = {}) {
      return (await call("POST", path, ask)).status !== 404;
    },
    async create(path, schema, ask = {}) {
      const { status, text } = await call("POST", path, ask);
      if (status === 404) throw refused(`POST ${path}`, status, text);
      return answerOf(path, schema, text);
    },
    async events(signal) {
      const response = await within(clock, { signal }, (limit) =>
        fetch(`${base}/event`, { signal: limit, redirect: "error", headers: { authorization } }),
      );
      if (!response.ok || response.body === null) throw refused("GET /event", response.status, "");
      return untilAborted(response.body, signal);
    },
    isGuarded: (signal) =>
      within(clock, { signal }, async (limit) => {
        const response = await fetch(`${base}/session/status`, { signal: limit, redirect: "error" });
        await response.body?.cancel();
        return response.status === 401;
      }),
  };
}

/**
 * fetch loses its signal when its request is garbage collected, and a long stream would never end:
 * https://github.com/nodejs/undici/issues/4627. So this cancels the body itself.
 */
async function* untilAborted(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const end = (): void => {
    void reader.cancel().catch(() => undefined); // Already aborted, which ends it too.
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

async function within<T>(clock: Clock, ask: Ask, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ms = ask.timeoutMs ?? ANSWER_MS;
  const signal = ask.signal ?? new AbortController().signal;
  try {
    return await withDeadline(work, { clock, ms, signal, late: () => silent(`no answer within ${ms / 1000} s`) });
  } catch (error) {
    signal.throwIfAborted();
    // The reason (refused, reset, aborted) is in the cause of what fetch throws.
    if (error instanceof TypeError) throw silent(String((error.cause as Error | undefined)?.message ?? error.message));
    throw error;
  }
}

function answerOf<T>(path: string, schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new AoError("FAILED", `OpenCode's server gave an answer to ${path} that this ao does not know`, {
    hint: "Run `ao doctor` to see which versions of OpenCode ao knows.",
    cause: parsed.error,
  });
}

const silent = (why: string): AoError =>
  new AoError("UNREACHABLE", `OpenCode's server is not responding: ${why}`, { hint: "Is the agent still starting?" });

function refused(what: string, status: number, text: string): AoError {
  const said = z.looseObject({
    message: z.string().optional(),
    data: z.looseObject({ message: z.string() }).optional(),
  });
  const body = said.safeParse(parseJson(text)).data;
  const why = body?.data?.message ?? body?.message ?? "";
  return new AoError("FAILED", `OpenCode's server refused ${what} (${status})${why === "" ? "" : `: ${why}`}`);
}
