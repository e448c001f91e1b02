import type { Message } from "../../model/message.ts";
import { countedVerdicts, standingRequests } from "../ci.ts";
import { prName } from "../facts-of.ts";
import { ruleOf } from "../reactions/rules.ts";
import { plural } from "../text.ts";
import { type Change, type EventRule, event } from "./change.ts";

const samePr = ({ before, after }: Change) =>
  before.pr.snapshot !== null && before.pr.snapshot.info.number === after.pr.snapshot?.info.number
    ? before.pr.snapshot
    : null;

/** The decision as a whole, and each new verdict that makes or repeats it. */
const decision: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  if (pr === null || (pr.state !== "open" && pr.state !== "draft")) return null;
  const old = samePr(change);
  const facts = { pr: pr.info.number, url: pr.info.url, headSha: pr.headSha };
  const known = new Set(old?.reviews.map((review) => review.id) ?? []);
  if (pr.review === "approved") {
    const reviews = countedVerdicts(pr).filter((review) => review.state === "approved");
    if (old?.review === "approved" && reviews.every((review) => known.has(review.id))) return null;
    const by = reviews.map((review) => review.author);
    return event("review.approved", `${id}: ${prName(pr.info)} was approved${names(by)}`, { ...facts, reviews });
  }
  if (pr.review !== "changes_requested") return null;
  const reviews = standingRequests(pr);
  if (old?.review === "changes_requested" && reviews.every((review) => known.has(review.id))) return null;
  const message = `${id}: changes requested on ${prName(pr.info)}${names(reviews.map((review) => review.author))}`;
  return event("review.changes_requested", message, { ...facts, reviews, comments: pr.comments.length });
};

const names = (authors: string[]): string => (authors.length === 0 ? "" : ` by ${[...new Set(authors)].join(", ")}`);

const botsFound: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  if (pr === null || pr.state === "merged" || pr.state === "closed") return null;
  const known = new Set(samePr(change)?.botComments.map((comment) => comment.id) ?? []);
  const found = pr.botComments.filter((comment) => !comment.isResolved && !known.has(comment.id));
  if (found.length === 0) return null;
  const comments = found.map(({ id: commentId, author, path, line, url }) => ({
    id: commentId,
    author,
    path,
    line,
    url,
  }));
  const message = `${id}: ${plural(found.length, "bot comment")} on ${prName(pr.info)}`;
  return event("automated_review.found", message, { pr: pr.info.number, headSha: pr.headSha, comments });
};

/** Characters of a sent message that its event repeats; the record keeps only the first line. */
const MAX_TOLD = 4000;

const sent: EventRule = ({ before, after }) => {
  const unsentBefore = (message: Message) =>
    before.messages.list.find((each) => each.id === message.id)?.writtenAt == null;
  return after.messages.list
    .filter((message) => message.reaction !== null && message.writtenAt !== null && unsentBefore(message))
    .flatMap((message) => {
      const kind = message.reaction === null ? undefined : ruleOf(message.reaction)?.sent;
      const words = before.messages.list.find((each) => each.id === message.id)?.text ?? message.text;
      const text = words.slice(0, MAX_TOLD);
      const data = { messageId: message.id, reaction: message.reaction, state: message.state, text };
      return kind === undefined ? [] : [event(kind.type, `${after.id} was sent ${kind.what}`, data)];
    });
};

export const REVIEW_EVENTS: readonly EventRule[] = [decision, botsFound, sent];
