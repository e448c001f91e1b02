import { oneLine } from "@agent-orchestrator/core/model/text";
import type { TurnFailure, TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";

const MAX_TEXT = 300;

/** What a program reports about the error that ended its turn. */
export interface FailureWords {
  text: string;
  /** The vendor's HTTP status, where the program tells it apart from its words. */
  status?: number | null;
  /** A name of the error that comes with its words. */
  name?: string | null;
  /** The kind, where the program itself names it. */
  kind?: TurnFailureKind | null;
}

/** Words that say more than the status they come with: vendors answer a spent balance with 400, 402, 403 or 429. */
const SAY_MORE: readonly [TurnFailureKind, RegExp][] = [
  [
    "credit",
    /\bcredit (?:balance|is|limit)|\b(?:no|insufficient|out of|more|add) (?:\w+ )?(?:credits?|balance|funds|quota)\b|insufficient_quota|exceeded your current quota|payment required|\bbilling/i,
  ],
  [
    "model",
    /\bmodel\b.{0,80}\b(?:not exist|not found|not supported|not available|no longer available)|\b(?:unknown|no such|invalid) model\b|issue with the selected model|model[_ ]not[_ ]found|ModelNotFound/i,
  ],
  [
    "size",
    /\b(?:request|prompt|input|conversation|context|message)s?\b.{0,40}\btoo (?:large|long|big)|context (?:window|length)|maximum context|token limit/i,
  ],
];

const BY_STATUS: Readonly<Record<number, TurnFailureKind>> = {
  401: "login",
  402: "credit",
  403: "access",
  404: "model",
  408: "connection",
  413: "size",
  429: "busy",
};

/** Used where no status is reported. */
const BY_WORDS: readonly [TurnFailureKind, RegExp][] = [
  ["busy", /rate.?limit|too many requests/i],
  ["login", /api.?key|unauthori[sz]ed|authenticat|\/login\b|\blog ?in\b|oauth token/i],
  ["access", /forbidden|permission|not allowed|access denied/i],
  [
    "service",
    /overloaded|internal ?server ?error|service unavailable|server error|bad gateway|servers? (?:are|is) down/i,
  ],
  [
    "connection",
    /connect|socket|\bE(?:CONN|NOTFOUND|PIPE|AI_AGAIN)|fetch failed|network|timed? ?out|stream|terminated|premature|closed|reset|offline/i,
  ],
  ["request", /bad request|invalid.?request/i],
];

/** `API Error: 401 …`, `unexpected status 403 Forbidden`, `HTTP 500`, `Request rejected (429)`. */
const STATUS = /(?:\b(?:API )?error:?|\bstatus(?: code)?:?|\bHTTP:?|\brejected)\s*\(?([45]\d\d)\b/i;

/** PURE. The failure with its kind: what the program names, else what its words say, else by the status. */
export function turnFailure({ text, status = null, name = null, kind = null }: FailureWords): TurnFailure {
  const words = oneLine(text, MAX_TEXT);
  return { kind: kind ?? kindOf(name === null ? words : `${words} ${name}`, status ?? statusIn(words)), text: words };
}

function kindOf(text: string, status: number | null): TurnFailureKind {
  const more = SAY_MORE.find(([, words]) => words.test(text))?.[0];
  if (more !== undefined && (status === null || status < 500)) return more;
  if (status !== null) return BY_STATUS[status] ?? (status >= 500 ? "service" : "request");
  return BY_WORDS.find(([, words]) => words.test(text))?.[0] ?? "other";
}

/** Returns the HTTP status in a program's message. Null if there is none. */
export function statusIn(text: string): number | null {
  const status = STATUS.exec(text)?.[1];
  return status === undefined ? null : Number(status);
}
