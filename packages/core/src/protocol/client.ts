import type { Caller, Frame, WireError } from "./frames.ts";
import type { MetaOf, ParamsOf, RequestName, ResultOf } from "./requests.ts";

/** Sends one request and yields the lines of the answer. Injected, so that a browser and a unix socket work alike. */
export type Transport = (call: { name: string; body: string; signal?: AbortSignal }) => AsyncIterable<string>;

export interface CallHooks<N extends RequestName> {
  onProgress?(text: string): void;
  onItem?(data: ResultOf<N>): void;
  onRing?(text: string): void;
  signal?: AbortSignal;
}

export type Outcome<N extends RequestName> =
  | { ok: true; data: ResultOf<N>; meta: MetaOf<N> }
  | { ok: false; error: WireError }
  /** The stream ended without an answer because the daemon ended. */
  | { ok: false; error: null };

/** Sends one typed request. A lost connection is a result, not an exception: the caller decides whether to ask again. */
export async function call<N extends RequestName>(
  connection: { transport: Transport; caller: Caller },
  request: { name: N; params: ParamsOf<N> },
  hooks: CallHooks<N> = {},
): Promise<Outcome<N>> {
  const body = JSON.stringify({ params: request.params, caller: connection.caller });
  const lines = connection.transport({
    name: request.name,
    body,
    ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
  });
  for await (const line of lines) {
    if (line === "") continue;
    const frame = JSON.parse(line) as Frame<ResultOf<N>, MetaOf<N>>;
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
