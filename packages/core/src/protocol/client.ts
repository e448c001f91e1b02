import type { Caller, Frame, WireError } from "./frames.ts";

/** Sends one request and yields the lines of the answer. Injected, so that a browser and a unix socket work alike. */
export type Transport = (call: { name: string; body: string; signal?: AbortSignal }) => AsyncIterable<string>;

/** The types of one request. The daemon's declarations have those of each. */
export interface RequestTypes {
  params: unknown;
  result: unknown;
  meta: unknown;
}

export interface CallHooks<T extends RequestTypes> {
  onProgress?(text: string): void;
  onItem?(data: T["result"]): void;
  onRing?(text: string): void;
  signal?: AbortSignal;
}

export type Outcome<T extends RequestTypes> =
  | { ok: true; data: T["result"]; meta: T["meta"] }
  | { ok: false; error: WireError }
  /** The stream ended without an answer because the daemon ended. */
  | { ok: false; error: null };

export interface Connection {
  transport: Transport;
  caller: Caller;
}

/** A client of the API `A`: request name → its types. */
export const clientOf =
  <A extends Record<keyof A, RequestTypes>>() =>
  <N extends keyof A & string>(
    connection: Connection,
    request: { name: N; params: A[N]["params"] },
    hooks: CallHooks<A[N]> = {},
  ): Promise<Outcome<A[N]>> =>
    call<A[N]>(connection, request, hooks);

/** Sends one request. A lost connection is a result, not an exception: the caller decides whether to ask again. */
async function call<T extends RequestTypes>(
  connection: Connection,
  request: { name: string; params: T["params"] },
  hooks: CallHooks<T>,
): Promise<Outcome<T>> {
  const body = JSON.stringify({ params: request.params, caller: connection.caller });
  const lines = connection.transport({
    name: request.name,
    body,
    ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
  });
  for await (const line of lines) {
    if (line === "") continue;
    const frame = JSON.parse(line) as Frame<T["result"], T["meta"]>;
    switch (frame.type) {
      case "progress":
        hooks.onProgress?.(frame.text);
        break;
      case "item":
        hooks.onItem?.(frame.data);
        break;
      case "ring":
        hooks.onRing?.(frame.text);
        break;
      case "result":
        return { ok: true, data: frame.data, meta: frame.meta };
      case "error":
        return { ok: false, error: frame.error };
    }
  }
  return { ok: false, error: null };
}
