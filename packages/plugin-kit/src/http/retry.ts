import type { HttpFailure } from "./errors.ts";

const DAY_MS = 86_400_000;

/** Sent twice, these do the same as once (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method);

/**
 * How long an answer asks to wait: seconds, or an HTTP date, which counts from the answer's own `Date` because clocks differ. Null
 * without a usable one. At most a day.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.min(Number(value) * 1000, DAY_MS);
  // Each of the three forms begins with the day's name. Date.parse accepts much else, such as a bare year.
  const at = /^[A-Z][a-z]{2,8},? /.test(value) ? Date.parse(/GMT$/.test(value) ? value : `${value} GMT`) : Number.NaN;
  if (Number.isNaN(at)) return null;
  return Math.min(Math.max(0, at - serverNowMs(headers, nowMs)), DAY_MS);
}

/** The answer's own idea of the time. */
export function serverNowMs(headers: Headers, nowMs: number): number {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? nowMs : date;
}

const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether the same request may well be answered later. */
export const isPassingStatus = (status: number): boolean => AGAIN.has(status);

const PASSING: ReadonlySet<HttpFailure["kind"]> = new Set(["timeout", "network", "malformed", "proxy"]);

export const isPassingFailure = ({ kind }: HttpFailure): boolean => PASSING.has(kind);

const MAX_PAUSE_MS = 8_000;

/** The wait before the next attempt. It doubles up to eight seconds, shortened by up to a half so that many don't come at once. */
export const backOffMs = (attempt: number, { firstMs, chance }: { firstMs: number; chance: number }): number =>
  Math.min(MAX_PAUSE_MS, firstMs * 2 ** attempt) * (1 - chance / 2);
