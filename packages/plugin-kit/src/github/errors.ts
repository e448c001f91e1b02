import { AoError, type ErrorCode, isAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { httpFailure } from "../http/errors.ts";

/** What Octokit throws for an answer that is no success, as far as we use it. */
interface FailedRequest {
  status: number;
  message: string;
  request?: { method: string; url: string };
  response?: { headers: Record<string, string | undefined>; data: unknown };
}

interface Meaning {
  code: ErrorCode;
  message: string;
  hint?: string;
}

/**
 * Any error of a request, in words for people. `what` completes "could not …": `read the issue 42`. What is not GitHub's
 * doing, such as the reason of an aborted signal, is returned as it is.
 */
export function requestError(error: unknown, what: string): unknown {
  if (isAoError(error)) return error;
  if (isFailedRequest(error) && error.response === undefined) return withoutAnswer(error, what);
  if (!isFailedRequest(error)) {
    const reason = oneLine(error instanceof Error ? error.message : String(error), 200);
    return new AoError("UNREACHABLE", `could not ${what}: ${reason}`, { cause: error });
  }
  const { code, message, hint } = meaningOf(error);
  return new AoError(code, `could not ${what}: ${message}`, {
    cause: error,
    details: { status: error.status },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Octokit gives a request that got no answer the status 500, and keeps what our HTTP client threw as its cause. */
function withoutAnswer(error: FailedRequest, what: string): unknown {
  const { cause } = error as { cause?: unknown };
  if (!isAoError(cause) || httpFailure(cause) === null) return cause ?? error;
  const { hint, details, message } = cause;
  return new AoError(cause.code, `could not ${what}: ${message}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

export function isFailedRequest(error: unknown): error is FailedRequest {
  return typeof error === "object" && error !== null && typeof (error as FailedRequest).status === "number";
}

/** The status of an answer that was no success, or null if there was no answer. */
export const statusOf = (error: unknown): number | null => {
  if (isFailedRequest(error)) return error.status;
  const cause = error instanceof Error ? error.cause : null;
  return isFailedRequest(cause) ? cause.status : null;
};

function meaningOf(error: FailedRequest): Meaning {
  const headers = error.response?.headers ?? {};
  const said = saidIn(error);
  if (error.status === 401) {
    const hint = "Run `gh auth login` again, or put a new token into `GITHUB_TOKEN` or the config.";
    return { code: "UNAVAILABLE", message: "GitHub does not accept the token: it is wrong, revoked or expired", hint };
  }
  const sso = /url=(\S+)/.exec(headers["x-github-sso"] ?? "")?.[1];
  if (sso !== undefined) {
    return { code: "UNAVAILABLE", message: "the token is not authorised for this organisation", hint: `Open ${sso}.` };
  }
  if (isLimit(error)) return { code: "UNREACHABLE", message: `GitHub's rate limit is used up${until(headers)}` };
  if (error.status === 403) return { code: "UNAVAILABLE", message: said, hint: missingRight(headers) };
  if (error.status === 404 && isRefusedWrite(error)) {
    return { code: "UNAVAILABLE", message: "the token may not write there", hint: missingRight(headers) };
  }
  if (error.status === 404) {
    const hint = "Check the name. A private repository also looks like this to a token that may not read it.";
    return { code: "NOT_FOUND", message: "GitHub has no such thing, or the token may not see it", hint };
  }
  if (error.status === 410) return { code: "NOT_FOUND", message: said };
  if (error.status >= 500) return { code: "UNREACHABLE", message: `GitHub answered ${error.status}` };
  if ([405, 409, 422].includes(error.status)) return { code: "REFUSED", message: said };
  return { code: "FAILED", message: `${error.status} ${said}` };
}

/** Primary and secondary limits, as GitHub documents them. */
export function isLimit(error: FailedRequest): boolean {
  if (error.status !== 403 && error.status !== 429) return false;
  const headers = error.response?.headers ?? {};
  const isUsedUp = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;
  return error.status === 429 || isUsedUp || /rate limit/i.test(saidIn(error));
}

/** 403 because the token lacks a right, and not because of a limit, which passes. */
export const isRefusedRight = (error: unknown): boolean =>
  isFailedRequest(error) && error.status === 403 && !isLimit(error);

/** GitHub hides a missing scope behind a 404, but says in its headers which one it wants. */
function isRefusedWrite(error: FailedRequest): boolean {
  const needed = error.response?.headers["x-accepted-oauth-scopes"] ?? "";
  const granted = grantedScopes(error);
  const isRead = ["GET", "HEAD"].includes(error.request?.method ?? "GET");
  return !isRead && granted !== null && needed !== "" && !needed.split(", ").some((scope) => granted.includes(scope));
}

/** The scopes of a classic token, as an answer that was no success names them. Null for another kind of token. */
export function grantedScopes(error: unknown): string[] | null {
  const failed = isFailedRequest(error) ? error : error instanceof Error ? error.cause : null;
  return scopesIn(isFailedRequest(failed) ? failed.response?.headers : undefined);
}

/** The same of any answer. */
export function scopesIn(headers: Record<string, unknown> = {}): string[] | null {
  const scopes = headers["x-oauth-scopes"];
  return typeof scopes === "string" ? scopes.split(", ").filter((scope) => scope !== "") : null;
}

function until(headers: Record<string, string | undefined>): string {
  const reset = Number(headers["x-ratelimit-reset"]);
  return Number.isFinite(reset) && reset > 0 ? ` until ${new Date(reset * 1000).toISOString()}` : "";
}

function missingRight(headers: Record<string, string | undefined>): string {
  const fine = headers["x-accepted-github-permissions"];
  if (fine !== undefined) return `Give the token this permission: ${fine}.`;
  const needed = headers["x-accepted-oauth-scopes"];
  if (needed !== undefined && needed !== "") {
    return `The token needs one of these scopes: ${needed}. It has: ${headers["x-oauth-scopes"] || "none"}.`;
  }
  return "The token may not do this. A classic token needs the scope `repo`.";
}

/** GitHub's own words, with the messages of its list of errors. */
function saidIn({ response, message }: FailedRequest): string {
  const data = response?.data as { message?: unknown; errors?: unknown } | undefined;
  const said = typeof data?.message === "string" ? data.message : message;
  const details = Array.isArray(data?.errors) ? data.errors.map(detailOf).filter((text) => text !== null) : [];
  return oneLine([said, ...details].join(": "), 300);
}

function detailOf(error: unknown): string | null {
  if (typeof error === "string") return error;
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : null;
}
