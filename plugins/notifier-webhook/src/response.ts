import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import { type HttpFailure, httpFailure } from "@agent-orchestrator/plugin-kit/http/client";
import { retryAfterMs } from "@agent-orchestrator/plugin-kit/http/retry";
import { line } from "@agent-orchestrator/plugin-kit/notice";

/** What an answer means for the notice, and for those after it. */
export interface Verdict {
  /** Null: it was taken. */
  error: AoError | null;
  /** The far end wants nothing more, ever. */
  isGone: boolean;
  /** The far end wants nothing before this much time has passed. */
  waitMs: number;
}

export interface Reading {
  /** "Slack" */
  service: string;
  nowMs: number;
  /** Takes out secrets, which a server may repeat. */
  redact(text: string): string;
}

/** Reads what a service answered. */
export async function verdictOn(response: Response, reading: Reading): Promise<Verdict> {
  const { status } = response;
  const body = (await response.text()).slice(0, 4096);
  const outer = status >= 200 && status < 300 ? null : status;
  const failed = outer ?? innerStatus(body);
  if (failed === null) return { error: null, isGone: false, waitMs: 0 };
  const waitMs = Math.max(retryAfterMs(response.headers, reading.nowMs) ?? waitIn(body), 0);
  const isPassing = failed === 408 || failed === 425 || failed === 429 || failed >= 500;
  return { error: errorOf({ status: failed, body, waitMs, isPassing }, reading), isGone: failed === 410, waitMs };
}

/** Connectors of Teams answer 200 to what Teams refused. */
function innerStatus(body: string): number | null {
  const found = /^Webhook message delivery failed.*?HTTP error (\d{3})/s.exec(body);
  return found === null ? null : Number(found[1]);
}

/** Discord and Telegram also say in the body how many seconds to wait. */
function waitIn(body: string): number {
  const found = /"retry_after"\s*:\s*(\d{1,6}(?:\.\d{1,9})?)/.exec(body);
  return found === null ? 0 : Math.ceil(Number(found[1]) * 1000);
}

interface Refusal {
  status: number;
  body: string;
  waitMs: number;
  isPassing: boolean;
}

function errorOf({ status, body, waitMs, isPassing }: Refusal, { service, redact }: Reading): AoError {
  // Another secret or address may help within the day. What the service can't read stays as it is.
  const isFinal = [400, 410, 413, 422].includes(status);
  const details = { status, ...(waitMs > 0 ? { retryAfterMs: waitMs } : {}), ...(isFinal ? { isFinal } : {}) };
  if (status === 410) {
    return new AoError("UNAVAILABLE", `${service} says that this address is gone for good (410)`, {
      hint: "Set another `url`. `ao notify test` tries this one again.",
      details,
    });
  }
  if (status >= 300 && status < 400) {
    return new AoError("UNAVAILABLE", `${service} redirects to another address (${status}), which is not followed`, {
      hint: "Set `url` to the final address.",
      details,
    });
  }
  const words = wordsIn(body);
  const said = words === "" ? "" : `: ${line(redact(words), 200)}`;
  if (!isPassing) {
    return new AoError("UNAVAILABLE", `${service} answered ${status}${said}`, { hint: hintFor(status), details });
  }
  const later = waitMs > 0 ? ` and asks to wait ${formatDuration(waitMs)}` : "";
  return new AoError("UNREACHABLE", `${service} answered ${status}${later}${said}`, {
    hint: "It may take the next one. `ao notify test` tries it.",
    details,
  });
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "Check `token`, `headers` and what they may do.";
  if (status === 404) return "Check `url`.";
  return "Check `url` and `format`.";
}

/** What a service says of its refusal. A web page says nothing. */
function wordsIn(body: string): string {
  if (/<html|<!doctype/i.test(body)) return "";
  try {
    const found = JSON.parse(body) as Record<string, unknown> | null;
    const said = [found?.description, found?.errorDescription, found?.message, found?.error];
    return String(said.find((one) => typeof one === "string") ?? "");
  } catch {
    return body; // Slack and others answer in plain words.
  }
}

const HINTS: Partial<Record<HttpFailure["kind"], string>> = {
  timeout: "Check `url`, and whether the service is up.",
  network: "Check `url`, and whether this machine is online.",
  proxy: "Check HTTPS_PROXY and NO_PROXY.",
  certificate: "If your network has its own certificate authority, name its file in `ca`.",
  "refused-address": "If that is intended, set `allowPrivate: true`.",
};

/** Why there is no answer, without the address, whose path may be a secret. Other errors stay as they are. */
export function failureOf(thrown: unknown, { service, redact }: Omit<Reading, "nowMs">): unknown {
  const failure = httpFailure(thrown);
  if (failure === null || !isAoError(thrown)) return thrown;
  const hint = HINTS[failure.kind] ?? "Check `url`.";
  return new AoError(thrown.code, `${service} was not reached: ${redact(reasonOf(failure, thrown))}`, { hint });
}

function reasonOf(failure: HttpFailure, thrown: AoError): string {
  switch (failure.kind) {
    case "timeout":
      return `no answer within ${failure.timeoutMs / 1000} s`;
    case "network":
    case "malformed":
      return failure.reason;
    case "certificate":
      return `its certificate is not valid here: ${failure.reason}`;
    case "proxy":
      return `the proxy ${failure.proxy} did not let it through`;
    case "refused-address":
      return thrown.message;
    case "too-large":
      return "its answer is too large";
    default:
      return "it gave no usable answer";
  }
}
