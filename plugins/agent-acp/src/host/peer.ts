import { oneLine } from "@agent-orchestrator/core/model/text";

/**
 * JSON-RPC 2.0 over whole messages. Our own few lines guarantee that what the other side sends is handled strictly in order, an answer
 * never before the notifications that preceded it. A turn's last words must not come after its end.
 */
export interface Peer {
  request<R>(method: string, params: unknown): Promise<R>;
  notify(method: string, params: unknown): void;
  /** Rejects all waiting calls. */
  close(reason: Error): void;
}

export interface PeerParts {
  send(message: Record<string, unknown>): void;
  onNotification(method: string, params: unknown): void;
  /** A rejection becomes an error response. */
  onRequest(method: string, params: unknown): Promise<unknown>;
}

/** An error response from the other side. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const METHOD_NOT_FOUND = -32601;
export const NOT_FOUND = -32002;
export const AUTH_REQUIRED = -32000;
const INTERNAL_ERROR = -32603;

interface Waiting {
  done(result: unknown): void;
  failed(error: Error): void;
}

export function openPeer(parts: PeerParts): Peer & { receive(message: Record<string, unknown>): void } {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let closed: Error | null = null;

  async function answer(id: unknown, method: string, params: unknown): Promise<void> {
    try {
      const result = await parts.onRequest(method, params);
      if (closed === null) parts.send({ jsonrpc: "2.0", id, result });
    } catch (error) {
      const code = error instanceof RpcError ? error.code : INTERNAL_ERROR;
      const message = error instanceof Error ? error.message : String(error);
      if (closed === null) parts.send({ jsonrpc: "2.0", id, error: { code, message } });
    }
  }

  function take(id: unknown, message: Record<string, unknown>): void {
    const call = waiting.get(Number(id));
    waiting.delete(Number(id));
    if (message.error === undefined) {
      call?.done(message.result);
      return;
    }
    const {
      code,
      message: text,
      data,
    } = Object(message.error) as { code?: unknown; message?: unknown; data?: unknown };
    call?.failed(
      new RpcError(typeof code === "number" ? code : INTERNAL_ERROR, String(text ?? "no reason given"), data),
    );
  }

  return {
    receive(message) {
      const { id, method, params } = message;
      if (typeof method !== "string") take(id, message);
      else if (id === undefined || id === null) parts.onNotification(method, params);
      else void answer(id, method, params);
    },
    request<R>(method: string, params: unknown) {
      if (closed !== null) return Promise.reject(closed);
      const id = ++count;
      const reply = new Promise<unknown>((done, failed) => waiting.set(id, { done, failed }));
      parts.send({ jsonrpc: "2.0", id, method, params });
      return reply as Promise<R>;
    },
    notify(method, params) {
      if (closed === null) parts.send({ jsonrpc: "2.0", method, params });
    },
    close(reason) {
      closed ??= reason;
      for (const { failed } of waiting.values()) failed(reason);
      waiting.clear();
    },
  };
}

/** The text of an agent's error, with the detail that many agents put next to a general message. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof RpcError)) return oneLine(error instanceof Error ? error.message : String(error), 300);
  const { data } = error;
  const detail =
    typeof data === "string"
      ? data
      : ((Object(data) as Record<string, unknown>).details ?? (Object(data) as Record<string, unknown>).message);
  const words =
    typeof detail === "string" && detail !== "" && !error.message.includes(detail)
      ? `${error.message}: ${detail}`
      : error.message;
  return oneLine(words, 300);
}

/** A request that was malformed or unknown. The agent did not process its content. */
export const isRefused = (error: unknown): boolean =>
  error instanceof RpcError && [-32700, -32600, -32601, -32602, -32002, -32000].includes(error.code);

const LIMIT = /usage limit|limit reached|limit (?:will )?resets?/i;

/** What the vendor itself calls a usage limit, as far as words tell. A spent balance is none: it ends only when the user adds credit. */
export const isUsageLimit = (trouble: string): boolean => LIMIT.test(trouble);
