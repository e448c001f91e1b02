import { AoError, type ErrorCode, isAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";

/** Why a request has no usable answer. Every kind means "cannot tell", except for a `status` that the caller understands. */
export type HttpFailure =
  | { kind: "timeout"; timeoutMs: number }
  | { kind: "too-large"; maxBytes: number }
  /** The request was not sent: its address is private, its scheme is plain, or a redirect led there. */
  | { kind: "refused-address"; host: string }
  | { kind: "certificate"; reason: string }
  | { kind: "proxy"; proxy: string }
  /** The host could not be found or reached, or the connection broke before the end of the answer. */
  | { kind: "network"; reason: string }
  /** Something answered that is not what was asked for: a web page, half a document, a loop of redirects. */
  | { kind: "malformed"; reason: string }
  /** The quota is used up, except for the share of others, or the service told us to wait. */
  | { kind: "limited"; waitMs: number }
  /** `body` is its beginning, at most 4 KiB, without secrets. */
  | { kind: "status"; status: number; body: string };

const CODES: Record<HttpFailure["kind"], ErrorCode> = {
  timeout: "UNREACHABLE",
  "too-large": "FAILED",
  "refused-address": "REFUSED",
  certificate: "UNAVAILABLE",
  proxy: "UNREACHABLE",
  network: "UNREACHABLE",
  malformed: "UNREACHABLE",
  limited: "TRY_AGAIN",
  status: "FAILED",
};

export interface FailureText {
  message: string;
  hint?: string;
  cause?: unknown;
}

/** An AoError that carries its kind, for programs. `message` and `body` must be free of secrets already. */
export function httpError(failure: HttpFailure, { message, hint, cause }: FailureText): AoError {
  return new AoError(codeOf(failure), message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
    details: { http: failure },
  });
}

function codeOf(failure: HttpFailure): ErrorCode {
  if (failure.kind !== "status") return CODES[failure.kind];
  const { status } = failure;
  if (status === 404 || status === 410) return "NOT_FOUND";
  if (status === 401 || status === 403 || status === 407) return "UNAVAILABLE";
  return status >= 500 || status === 408 || status === 429 ? "UNREACHABLE" : "FAILED";
}

/** The failure behind any thrown value, whatever a library wrapped around it. Null if it is something else. */
export function httpFailure(thrown: unknown): HttpFailure | null {
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    if (isAoError(error) && error.details?.http !== undefined) return error.details.http as HttpFailure;
    error = error.cause;
  }
  return null;
}

/** Every error of a chain of causes, the outer one first. */
function chainOf(thrown: unknown): { message: string; code: string }[] {
  const chain: { message: string; code: string }[] = [];
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    // Connecting to several addresses fails with one error for each.
    const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
    const inner: Error = first instanceof Error ? first : error;
    chain.push({ message: inner.message, code: String((inner as NodeJS.ErrnoException).code ?? "") });
    error = error.cause;
  }
  return chain;
}

const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;
const TLS = /^(ERR_SSL_|EPROTO$|ERR_TLS_)/;

export interface Attempted {
  /** `GET https://api.example.com/x` */
  request: string;
  host: string;
  /** Without its credentials. Null for a direct connection. */
  proxy: string | null;
  redact(text: string): string;
}

/** Turns what fetch threw into a typed failure with one clear sentence. */
export function networkError(thrown: unknown, { request, host, proxy, redact }: Attempted): AoError {
  const chain = chainOf(thrown);
  const last = chain.at(-1) ?? { message: String(thrown), code: "" };
  const certificate = chain.find(({ code }) => CERTIFICATE.test(code));
  // The library's own errors may quote headers, so only their text is kept, and not they themselves.
  const said = oneLine(redact(last.message), 200);
  if (certificate !== undefined) {
    const reason = oneLine(redact(certificate.message), 200);
    return httpError(
      { kind: "certificate", reason },
      {
        message: `the certificate of ${host} is not valid here: ${reason}`,
        hint: "If your network has its own certificate authority, name its file in `ca:` or NODE_EXTRA_CA_CERTS.",
      },
    );
  }
  if (proxy !== null && chain.some(({ message, code }) => isOfProxy(message, code))) {
    return httpError(
      { kind: "proxy", proxy },
      {
        message: `the proxy ${proxy} did not let ${request} through: ${said}`,
        hint: "Check HTTPS_PROXY and NO_PROXY.",
      },
    );
  }
  const reason = reasonOf(chain, { host, said });
  return httpError({ kind: "network", reason }, { message: `${request} failed: ${reason}` });
}

const isOfProxy = (message: string, code: string): boolean =>
  /proxy/i.test(message) || ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].includes(code);

function reasonOf(chain: { code: string; message: string }[], { host, said }: { host: string; said: string }): string {
  const has = (...codes: string[]) => chain.some(({ code }) => codes.includes(code));
  if (has("ENOTFOUND", "EAI_AGAIN")) return `the name ${host} could not be resolved`;
  if (has("ECONNREFUSED")) return `nothing answers at ${host}`;
  if (has("ENETUNREACH", "EHOSTUNREACH", "ENETDOWN")) return `${host} cannot be reached from this network`;
  if (has("UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT")) return `${host} did not accept a connection in time`;
  if (has("UND_ERR_RES_CONTENT_LENGTH_MISMATCH")) return "the answer is not as long as it says";
  if (has("ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_ABORTED")) return "the connection broke";
  if (chain.some(({ code, message }) => /^HPE_/.test(code) || /HTTP\/1\.1 protocol/.test(message)))
    return `${host} does not speak HTTP properly`;
  if (chain.some(({ code }) => TLS.test(code))) return `no secure connection to ${host}: ${said}`;
  if (chain.some(({ code }) => /^(Z_|ERR__?BROTLI|ERR_PADDING|ERR_BUFFER)/.test(code)))
    return "the answer is packed wrongly";
  return said === "terminated" ? "the connection broke" : said;
}
