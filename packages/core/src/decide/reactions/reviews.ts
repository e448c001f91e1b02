import type { DecideContext } from "../../model/policy.ts";
import type { PRSnapshot } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { type Asked, askedByOthers, askedByTrusted } from "../asked.ts";
import { trustedBotComments } from "../ci.ts";
import { hasOpenPr, latest } from "../facts-of.ts";
import { heldRequests } from "../held-comments.ts";
import { composeBotComments, composeReview } from "../message-texts/review.ts";
import { plural } from "../text.ts";
import { fingerprintOf, GONE, present, type ReactionRule, type Seen } from "./rule.ts";

/** Without a submitted review, this long after the last comment: people write several. */
const COMMENTS_SETTLE_MS = 120_000;

const idsOf = (asked: Asked): string[] => [
  ...asked.reviews.map((review) => review.id),
  ...asked.comments.map((comment) => comment.id),
];

const authorsOf = (asked: Asked): string =>
  [...new Set([...asked.reviews, ...asked.comments].map((each) => each.author))].join(", ");

function detectChanges(record: SessionRecord, _ctx: DecideContext): Seen {
  const { snapshot: pr } = record.pr;
  if (pr === null || !hasOpenPr(record)) return GONE;
  const asked = askedByTrusted(pr);
  const items = idsOf(asked);
  if (items.length > 0) {
    const problem = {
      fingerprint: fingerprintOf(items),
      items,
      because: `${plural(items.length, "open request")} of ${authorsOf(asked)}`,
    };
    const answered = new Set(record.episodes["changes-requested"]?.fingerprint.split(" "));
    const isAskedAnew = asked.reviews.some((each) => each.state === "changes_requested" && !answered.has(each.id));
    if (isAskedAnew) return present(problem);
    const last = latest(
      ...asked.comments.map((each) => each.createdAt),
      ...asked.reviews.map((each) => each.submittedAt),
    );
    return present({ ...problem, notBeforeMs: last + COMMENTS_SETTLE_MS });
  }
  return detectOthers(record, pr);
}

const othersFingerprint = (pr: PRSnapshot): string =>
  fingerprintOf(idsOf(askedByOthers(pr))) || `decision:${pr.headSha}`;

const changesCause = (pr: PRSnapshot | null, fingerprint: string): string =>
  `changes:${pr?.info.number}:${fingerprint}`;

/** Named as this reaction names it when nobody else has asked for anything. */
export const othersCause = (pr: PRSnapshot): string => changesCause(pr, othersFingerprint(pr));

function detectOthers(record: SessionRecord, pr: PRSnapshot): Seen {
  const asked = heldRequests(record);
  const items = idsOf(asked);
  const isAllReleased = items.length === 0 && idsOf(askedByOthers(pr)).length > 0;
  const isAsked = items.length > 0 || pr.review === "changes_requested";
  if (!isAsked || isAllReleased) return GONE;
  const who = authorsOf(asked) || "somebody";
  const requests = asked.reviews.filter(({ state }) => state === "changes_requested");
  const isRequest = requests.length > 0 || pr.review === "changes_requested";
  const requester = authorsOf({ reviews: requests, comments: [] }) || "somebody";
  return present({
    fingerprint: othersFingerprint(pr),
    because: isRequest ? `${requester} asked for changes` : `${who} commented`,
    notForAgent: `${who} may not instruct the agent: it waits for you`,
    ...(isRequest ? {} : { notice: "attention.needed" as const }),
  });
}

export const changesRequested: ReactionRule = {
  key: "changes-requested",
  detect: detectChanges,
  compose: composeReview,
  notice: "review.changes_requested",
  cause: (record, problem) => changesCause(record.pr.snapshot, problem.fingerprint),
  asksScm: true,
  reopens: true,
  sent: { type: "review.comments_sent", what: "the review" },
};

function detectBots(record: SessionRecord, ctx: DecideContext): Seen {
  const { snapshot: pr } = record.pr;
  if (pr === null || !hasOpenPr(record)) return GONE;
  const items = trustedBotComments(pr, ctx)
    .filter((comment) => comment.path !== undefined)
    .map((comment) => comment.id);
  if (items.length === 0) return GONE;
  return present({
    fingerprint: fingerprintOf(items),
    items,
    because: `${plural(items.length, "open comment")} of bots`,
  });
}

export const bugbotComments: ReactionRule = {
  key: "bugbot-comments",
  detect: detectBots,
  compose: composeBotComments,
  notice: "automated_review.found",
  cause: (record, problem) => `bots:${record.pr.snapshot?.info.number}:${problem.fingerprint}`,
  asksScm: true,
  countsPerPr: true,
  sent: { type: "automated_review.fix_sent", what: "the bots' comments" },
};
