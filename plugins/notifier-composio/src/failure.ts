import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import { httpFailure } from "@agent-orchestrator/plugin-kit/http/client";
import { retryAfterMs } from "@agent-orchestrator/plugin-kit/http/retry";
import { line } from "@agent-orchestrator/plugin-kit/notice";
import type { Options } from "./options.ts";

export interface Reading {
  options: Options;
  nowMs: number;
  /** Takes out the key, which a server may repeat. */
  redact(text: string): string;
}

/** An answer of Composio's that is an error, as its client throws it. */
interface Answer {
  status: number;
  headers: Headers;
  /** Composio's own number and words. */
  code: number | null;
  words: string;
}

/** https://docs.composio.dev: no connected account for this user and toolkit. */
const NO_ACCOUNT = 1803;

/** What went wrong, in the user's words. `thrown` is what the library threw, `failure` what its request failed with. */
export function failureOf(thrown: unknown, failure: unknown, reading: Reading): AoError {
  const { options, redact } = reading;
  const answer = answerIn(thrown);
  if (answer !== null) return refusal(answer, reading);
  const unanswered = httpFailure(failure);
  if (unanswered !== null && isAoError(failure)) {
    const hint = `Check \`baseURL\`, and whether this machine is online.`;
    return new AoError(failure.code, `Composio was not reached: ${line(redact(failure.message), 300)}`, { hint });
  }
  if (isNoAccount(thrown)) return noAccount(options);
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return new AoError("UNREACHABLE", `Composio gave no usable answer: ${line(redact(said), 200)}`, {
    hint: "`ao notify test` tries it again.",
  });
}

function refusal(answer: Answer, { options, nowMs, redact }: Reading): AoError {
  const { status, headers, code, words } = answer;
  const said = words === "" ? "" : `: ${line(redact(words), 200)}`;
  if (code === NO_ACCOUNT) return noAccount(options);
  const final = { status, isFinal: true };
  if (status === 401 || status === 403) {
    const hint = "Set `apiKey` to a key of your project in Composio.";
    return new AoError("UNAVAILABLE", `Composio does not accept the key (${status})`, { hint, details: final });
  }
  if (status === 404) {
    const hint = "Check `tool`, `version` and `connectedAccountId`.";
    return new AoError("UNAVAILABLE", `Composio does not know ${options.tool} in version ${options.version}${said}`, {
      ...{ hint, details: final },
    });
  }
  const isPassing = status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
  if (!isPassing) {
    const hint = status < 400 ? "Set `baseURL` to the final address." : "Check `arguments`.";
    return new AoError("UNAVAILABLE", `Composio answered ${status}${said}`, { hint, details: final });
  }
  const waitMs = retryAfterMs(headers, nowMs) ?? 0;
  const later = waitMs > 0 ? ` and asks to wait ${formatDuration(waitMs)}` : "";
  return new AoError("UNREACHABLE", `Composio answered ${status}${later}${said}`, {
    hint: "It may take the next one. `ao notify test` tries it.",
    details: { status, ...(waitMs > 0 ? { retryAfterMs: waitMs } : {}) },
  });
}

/** Not final: the account may be connected at any time, without a change of the config. */
function noAccount({ tool, connectedAccountId, userId }: Options): AoError {
  const whose = connectedAccountId === undefined ? `of ${userId}` : connectedAccountId;
  return new AoError("UNAVAILABLE", `Composio has no connected account ${whose} for ${tool}`, {
    hint: "Connect it in Composio, or check `connectedAccountId` and `userId`.",
  });
}

/** The tool ran, and did not do it. */
export function toolFailure(error: string | null, { options, redact }: Reading): AoError {
  const said = error === null || error === "" ? "" : `: ${line(redact(error), 300)}`;
  return new AoError("FAILED", `${options.tool} failed${said}`, {
    hint: "Check `arguments`, and what the connected account may do.",
  });
}

const chainOf = (thrown: unknown): Error[] => {
  const chain: Error[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 8; error = error.cause) chain.push(error);
  return chain;
};

/** The library wraps its client's errors, and calls whatever goes wrong with a tool's description "not found". */
function answerIn(thrown: unknown): Answer | null {
  for (const error of chainOf(thrown)) {
    const { status, headers, error: body } = error as { status?: unknown; headers?: unknown; error?: unknown };
    if (typeof status !== "number" || !(headers instanceof Headers)) continue;
    const { error: inner } = (body ?? {}) as { error?: { code?: unknown; message?: unknown } };
    const code = typeof inner?.code === "number" ? inner.code : null;
    return { status, headers, code, words: typeof inner?.message === "string" ? inner.message : "" };
  }
  return null;
}

const isNoAccount = (thrown: unknown): boolean =>
  chainOf(thrown).some(({ name }) => name === "ComposioConnectedAccountNotFoundError");
