import { AoError, type ErrorCode, isAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { type HttpFailure, httpFailure } from "@agent-orchestrator/plugin-kit/http/client";
import type { LinearError } from "@linear/sdk";

export interface Failing {
  /** Completes "could not …". */
  what: string;
  redact(text: string): string;
}

interface Meaning {
  code: ErrorCode;
  message: string;
  hint?: string;
}

export const STATUS_PAGE = "See https://linearstatus.com.";
const KEYS = "https://linear.app/settings/account/security";

/** The error of an answer, by the type that the SDK gives it. Its `cause` would hold the whole answer, so it has none. */
export function linearError(error: LinearError, { what, redact }: Failing): AoError {
  const { code, message, hint } = meaningOf(error);
  const type = error.type ?? "Unknown";
  return new AoError(code, `could not ${what}: ${oneLine(redact(message), 300)}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { status: error.status ?? 0, type },
  });
}

/** What our HTTP client threw, with what was being done. */
export function requestError(error: unknown, { what, redact }: Failing): unknown {
  if (!isAoError(error)) return error;
  const { code, message, details } = error;
  const hint = error.hint ?? HINTS[httpFailure(error)?.kind ?? "network"] ?? HINTS.network;
  return new AoError(code, `could not ${what}: ${redact(message)}`, {
    ...(hint && { hint }),
    ...(details && { details }),
  });
}

const HINTS: Partial<Record<HttpFailure["kind"], string>> = {
  network: "Check your connection, and `apiUrl` if you set it.",
  malformed: "Check `apiUrl`, and whether a proxy or a login page is in between.",
};

function meaningOf(error: LinearError): Meaning {
  const said = error.errors?.[0]?.message ?? error.message;
  switch (error.type as string | undefined) {
    case "AuthenticationError":
      return {
        code: "UNAVAILABLE",
        message: "Linear does not accept the key: it is wrong, revoked or expired",
        hint: `Create one at ${KEYS}, and put it into \`LINEAR_API_KEY\` or the config.`,
      };
    case "Forbidden":
    case "FeatureNotAccessible":
      return { code: "UNAVAILABLE", message: `Linear does not allow it: ${said}`, hint: rightHint(error) };
    case "UsageLimitExceeded":
      return { code: "UNAVAILABLE", message: said, hint: "The plan of the workspace does not allow more." };
    case "InvalidInput":
    case "UserError":
      return isMissing(error) ? { code: "NOT_FOUND", message: said } : { code: "REFUSED", message: said };
    case "GraphqlError":
      return { code: "FAILED", message: `Linear does not understand the request: ${said}` };
    default:
      return {
        code: "UNREACHABLE",
        message: `Linear answered ${error.status ?? "nothing"}${error.errors?.length ? `: ${said}` : ""}`,
        hint: STATUS_PAGE,
      };
  }
}

const rawMessage = (error: LinearError): string =>
  (error.raw as { response?: { errors?: { message?: string }[] } } | undefined)?.response?.errors?.[0]?.message ?? "";

/** No such thing, or the key may not see it: Linear does not tell one from the other. */
const isMissing = (error: LinearError): boolean => /^Entity not found\b/.test(rawMessage(error));

function rightHint(error: LinearError): string {
  const scope = /scope[^a-z]*`?([\w:]+)`?/i.exec(rawMessage(error))?.[1];
  if (scope !== undefined) return `Give the app the scope \`${scope}\`, and log in again to get a new token.`;
  return "The key needs the permission to write, and its account must be a member of the team.";
}
