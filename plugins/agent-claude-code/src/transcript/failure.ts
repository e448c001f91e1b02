import type { TurnFailure, TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { statusIn, turnFailure } from "@agent-orchestrator/plugin-kit/turn-failure";

/** An error that ended a turn. `limit`: a usage limit of the vendor, which ends by itself; any other kind is for the user. */
export interface Failure {
  kind: "limit" | TurnFailureKind;
  /** As the program words it. */
  text: string;
}

const LIMIT = /\b(?:hit|reached) (?:your|the) [\w\s'’.-]*?limit\b|\b(?:usage|session|weekly|5-hour) limit reached\b/i;
/** Limits that are over in moments, and which the program itself says are none of the user's. */
const NOT_OURS = /not your usage limit|context limit|fast limit/i;
/** The program's own names of failures. `rate_limit` alone says nothing: its usage limits are told in words. */
const NAMES: Readonly<Record<string, TurnFailureKind>> = {
  authentication_failed: "login",
  oauth_org_not_allowed: "access",
  billing_error: "credit",
  account_on_hold: "access",
  verification_required: "login",
  cloud_credential_error: "login",
  model_not_found: "model",
  server_error: "service",
  overloaded: "service",
};

/** `error` is the program's own word for the kind of failure, where it has one. */
export function failureOf(text: string, error: string | null, status: number | null): Failure {
  if (LIMIT.test(text) && !NOT_OURS.test(text)) return { kind: "limit", text };
  // It calls every 403 a failed login.
  const named = (status ?? statusIn(text)) === 403 ? undefined : NAMES[error ?? ""];
  return turnFailure({ text, status, kind: named ?? null });
}

/** For core, which knows limits as a separate state. */
export function turnFailureIn({ kind, text }: Failure): TurnFailure | null {
  return kind === "limit" ? null : { kind, text };
}
