/** An error that ended a turn. */
export interface Failure {
  /** `limit`: a usage limit of the vendor. `login`: nothing goes on before the user logs in or pays. `api`: any other. */
  kind: "limit" | "login" | "api";
  /** As the program words it. */
  text: string;
}

const LIMIT = /\b(?:hit|reached) (?:your|the) [\w\s'’.-]*?limit\b|\b(?:usage|session|weekly|5-hour) limit reached\b/i;
/** Limits that are over in moments, and which the program itself says are none of the user's. */
const NOT_OURS = /not your usage limit|context limit|fast limit/i;
const LOGIN = new Set([
  "authentication_failed",
  "oauth_org_not_allowed",
  "billing_error",
  "account_on_hold",
  "verification_required",
  "cloud_credential_error",
]);
const LOGIN_TEXT = /\/login\b|invalid api key|credit balance|oauth token/i;

/** `error` is the program's own word for the kind of failure, where it has one. */
export function failureOf(text: string, error: string | null, status: number | null): Failure {
  const isLimit = error === "rate_limit" || LIMIT.test(text);
  if (isLimit && !NOT_OURS.test(text)) return { kind: "limit", text };
  if ((error !== null && LOGIN.has(error)) || status === 401 || LOGIN_TEXT.test(text)) return { kind: "login", text };
  return { kind: "api", text };
}
