import type { SessionRecord } from "../model/session.ts";
import type { KeptReport, Tally } from "../model/spend.ts";
import type { ModelUsage, UsageReport } from "../model/usage.ts";
import { dayOf } from "./day.ts";
import { type Draft, patch } from "./draft.ts";
import { addTallies, allOf, costOf, kindsOf, tallyOf, uncachedOf } from "./tally.ts";

/** Conversations whose last report is kept; older ones are summed up. */
const KEPT_REPORTS = 8;
/** Names of summed-up conversations, so that a late report of one is not counted again. */
const KEPT_NAMES = 100;
/** Of what a program may make up. */
const MAX_NAME = 200;
const MAX_MODELS = 40;

/**
 * Reports are cumulative: of one conversation the furthest counts, whatever order they come in and however often. A smaller
 * one is an older one: an agent that counts anew uses another key.
 */
export function applyUsage(draft: Draft, told: UsageReport): void {
  const report = { key: told.key.slice(0, MAX_NAME), models: told.models.slice(0, MAX_MODELS) };
  const { reports: usage = [], gone: usageGone = [], folded: usageFolded = [] } = draft.record.usage;
  if (usageGone.includes(report.key)) return;
  const known = usage.find(({ id }) => id === report.key);
  if (known !== undefined && !isFurther(report.models, known.models)) return;
  const others = usage.filter(({ id }) => id !== report.key);
  const kept: KeptReport[] = [...others, { id: report.key, models: report.models }];
  const folded = kept.slice(0, Math.max(0, kept.length - KEPT_REPORTS));
  const fold = {
    folded: folded.reduce((sum, { models }) => addTallies(sum, tallyOf(models)), usageFolded),
    gone: [...usageGone, ...folded.map(({ id }) => id)].slice(-KEPT_NAMES),
  };
  const reports = kept.slice(folded.length);
  const day = dayOf(draft.ctx.nowMs, draft.ctx.policy);
  patch(draft, { usage: { reports, day, ...(folded.length === 0 ? {} : fold) } });
}

/** A total order: more tokens, more of them uncached, more dollars, more that is known by its model. */
function isFurther(next: readonly ModelUsage[], known: readonly ModelUsage[]): boolean {
  const [a, b] = [rankOf(next), rankOf(known)];
  const at = a.findIndex((value, index) => value !== b[index]);
  if (at !== -1) return (a[at] ?? 0) > (b[at] ?? 0);
  return JSON.stringify(next) > JSON.stringify(known);
}

function rankOf(models: readonly ModelUsage[]): number[] {
  const tally = tallyOf(models);
  const kinds = kindsOf(tally);
  const usd = tally.reduce((sum, one) => sum + one.usd, 0);
  return [allOf(kinds), uncachedOf(kinds), usd, allOf(kindsOf(tally.filter(({ model }) => model !== null)))];
}

/** Everything a session has used. */
export function usageOf({ usage: { reports = [], folded = [] } }: Pick<SessionRecord, "usage">): Tally {
  // In the order of their names: sums of dollars come out the same to the last digit.
  const inOrder = [...reports].sort((a, b) => (a.id < b.id ? -1 : 1));
  return inOrder.reduce((sum, { models }) => addTallies(sum, tallyOf(models)), folded);
}

/** What it costs by today's prices. An agent that only tells one sum is believed. */
export function updateCost(draft: Draft): void {
  if (draft.record.usage.reports === undefined) return;
  const tally = usageOf(draft.record);
  const { usd, knownUsd, tokens, kinds, unpriced } = costOf(tally, draft.ctx.policy.prices);
  const most = tally.reduce<Tally[number] | null>(
    (best, one) => (best === null || allOf(one.tokens) > allOf(best.tokens) ? one : best),
    null,
  );
  patch(draft, { usage: { cost: { usd, knownUsd, tokens, model: most?.model ?? null, kinds, unpriced } } });
}
