import type { TrueMoment, TrueState } from "./truth.ts";

export interface Sample {
  /** When it was requested, and when the answer arrived. What is shown is from a moment in between. */
  atMs: number;
  answeredMs: number;
  /** `activity.state`. Null if none is shown. */
  activity: string | null;
  status: string;
}

export interface WrongSpan {
  fromMs: number;
  toMs: number;
  shown: string;
  truth: string;
}

export interface Agreement {
  samples: number;
  right: number;
  /** Spans of wrong samples, whatever they showed. */
  wrong: WrongSpan[];
  /** Those that said `needs_input` or idle for over two seconds while that was not true. */
  longLies: WrongSpan[];
}

/** A change may show up this late. */
const GRACE_MS = 1_000;
const LIE_MS = 2_000;
const RESTING = new Set(["ready", "idle"]);
const ASKING = new Set(["waiting_input", "blocked"]);

/** `starting`: before the agent's first request to its model. */
type Known = TrueState | "starting";

/** What may be shown. Null if the truth is unknown, so anything may be. */
const ACCEPTED: Record<Known, ReadonlySet<string> | null> = {
  starting: new Set(["active", "unknown", "none"]),
  active: new Set(["active"]),
  waiting_input: new Set(["waiting_input"]),
  idle: RESTING,
  refused: new Set(["active", "failed", ...RESTING]),
  failed: new Set(["failed"]),
  limited: new Set(["limited"]),
  exited: new Set(["exited"]),
  unknown: null,
};

/** Compares what was shown with what was true, for one session from its first sample on. */
export function agreementOf(samples: readonly Sample[], moments: readonly TrueMoment[]): Agreement {
  const result: Agreement = { samples: 0, right: 0, wrong: [], longLies: [] };
  let span: WrongSpan | null = null;
  const close = () => {
    if (span === null) return;
    result.wrong.push(span);
    const isLie = RESTING.has(span.shown) || span.shown === "waiting_input" || span.shown === "failed";
    if (isLie && span.toMs - span.fromMs > LIE_MS) result.longLies.push(span);
    span = null;
  };
  for (const sample of samples) {
    const { atMs, answeredMs } = sample;
    const shown = shownBy(sample);
    const truths = truthsDuring(moments, atMs - GRACE_MS, answeredMs);
    const accepted = truths.map((truth) => ACCEPTED[truth]);
    if (accepted.includes(null)) {
      close();
      continue;
    }
    result.samples += 1;
    if (accepted.some((states) => states?.has(shown))) {
      result.right += 1;
      close();
      continue;
    }
    const truth = truths.join(" or ");
    if (span !== null && (span as WrongSpan).shown !== shown) close();
    span = { fromMs: (span as WrongSpan | null)?.fromMs ?? atMs, toMs: atMs, shown, truth };
  }
  close();
  return result;
}

/** An agent under `needs_input` that asks nothing counts as failed. */
const shownBy = ({ activity, status }: Sample): string =>
  status === "needs_input" && activity !== null && !ASKING.has(activity) ? "failed" : (activity ?? "none");

/** Every state that was true at some time of this span. */
function truthsDuring(moments: readonly TrueMoment[], fromMs: number, toMs: number): Known[] {
  const before = moments.findLast(({ atMs }) => atMs <= fromMs);
  const within = moments.filter(({ atMs }) => atMs > fromMs && atMs <= toMs);
  return [...new Set<Known>([before?.state ?? "starting", ...within.map(({ state }) => state)])];
}
