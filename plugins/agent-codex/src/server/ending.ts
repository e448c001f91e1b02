import { resetTimeIn } from "@agent-orchestrator/agent-kit/reset-time";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { TurnFailure, TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { statusIn, turnFailure } from "@agent-orchestrator/plugin-kit/turn-failure";
import { z } from "zod";
import type { RateLimits, Turn } from "./wire.ts";

/** How a turn ended. */
export interface Ending {
  how: "completed" | "interrupted" | "failed" | string;
  error: string | null;
  /** The vendor lets nothing through before `resetsAt`; null there: unknown when. */
  limit: { resetsAt: Iso | null } | null;
  /** Any other error that ended it. */
  failure: TurnFailure | null;
}

/** What Codex names kinds of errors. */
const KINDS: Readonly<Record<string, TurnFailureKind>> = {
  unauthorized: "login",
  modelNotFound: "model",
  contextWindowExceeded: "size",
  rateLimitExceeded: "busy",
  serverOverloaded: "service",
  internalServerError: "service",
  httpConnectionFailed: "connection",
  responseStreamConnectionFailed: "connection",
  responseStreamDisconnected: "connection",
};
/** Some have a separate part with the HTTP status. */
const Parts = z.record(z.string(), z.looseObject({ httpStatusCode: z.number().nullish() }).nullish());

export function endingOf(turn: Turn, limits: RateLimits | null): Ending {
  const error = turn.error ?? null;
  const { name, status } = infoOf(error?.codexErrorInfo);
  const resetsAt = resetOf(limits) ?? saidIn(turn);
  const isLimit = name === "usageLimitExceeded" || (name === "rateLimitExceeded" && resetsAt !== null);
  return {
    how: turn.status === "interrupted" ? "was interrupted" : turn.status,
    error: error === null ? null : oneLine(plainError(error.message).text, 300),
    limit: isLimit ? { resetsAt } : null,
    failure: error === null || isLimit ? null : failureOf(plainError(error.message), { name, status }),
  };
}

interface Info {
  name: string | null;
  status: number | null;
}

function infoOf(info: unknown): Info {
  if (typeof info === "string") return { name: info, status: null };
  const [part] = Object.entries(Parts.safeParse(info).data ?? {});
  return part === undefined ? { name: null, status: null } : { name: part[0], status: part[1]?.httpStatusCode ?? null };
}

/** A status says more than that the connection failed with it. */
function failureOf({ text, type }: Plain, { name, status }: Info): TurnFailure {
  const kind = status === null && statusIn(text) === null ? KINDS[name ?? ""] : undefined;
  return turnFailure({ text, status, name: type, kind: kind ?? null });
}

/** Who has no windows (without a login there are none) is told the time in words all the same. */
const saidIn = ({ error, completedAt }: Turn): Iso | null =>
  error == null || completedAt == null ? null : resetTimeIn(error.message, completedAt * 1000);

/** The latest reset among the windows that are used up. */
function resetOf(limits: RateLimits | null): Iso | null {
  const full = [limits?.primary, limits?.secondary].filter((each) => (each?.usedPercent ?? 0) >= 100);
  const resets = full.map((each) => each?.resetsAt ?? 0).filter((seconds) => seconds > 0);
  return resets.length === 0 ? null : toIso(Math.max(...resets) * 1000);
}

interface Plain {
  text: string;
  /** As the vendor names the error. */
  type: string | null;
}

const Answer = z.looseObject({ error: z.looseObject({ message: z.string(), type: z.string().nullish() }) });

/** Some errors are a whole JSON answer of the vendor. */
function plainError(message: string): Plain {
  try {
    const { error } = Answer.parse(JSON.parse(message));
    return { text: error.message, type: error.type ?? null };
  } catch {
    return { text: message, type: null }; // Plain words, as most are.
  }
}
