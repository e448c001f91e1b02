import type { SessionRecord } from "../../model/session.ts";
import type { HeldComment } from "../../model/session-view.ts";
import { oneLine } from "../../model/text.ts";
import { askedByTrusted, repeats } from "../asked.ts";
import type { Problem } from "../reactions/rule.ts";
import { plural, quote } from "../text.ts";
import { finishWork } from "./finish.ts";

/** Nobody reads more in one message; the rest is named by its number and place. */
const MAX_COMMENTS = 30;
const MAX_BODY = 4000;

/** To the agent: what reviewers ask for that it has not been sent yet. */
export function composeReview(record: SessionRecord, _problem: Problem, answered: ReadonlySet<string>): string {
  const { snapshot: pr } = record.pr;
  if (pr === null) return "";
  const asked = askedByTrusted(pr);
  const reviews = asked.reviews.filter((review) => !answered.has(review.id) && review.body.trim() !== "");
  const comments = asked.comments.filter(
    (comment) => !answered.has(comment.id) && !reviews.some((review) => repeats(review, comment)),
  );
  const older = asked.reviews.length + asked.comments.length - reviews.length - comments.length;
  const requests = asked.reviews.filter((review) => review.state === "changes_requested" && !answered.has(review.id));
  const who = [...new Set([...requests, ...reviews, ...comments].map((each) => oneLine(each.author, 60)))].join(", ");
  const verb = requests.length > 0 ? "asked for changes" : "commented";
  const bodies = reviews.map((review) => `${oneLine(review.author, 60)} wrote:\n${quote(cut(review.body))}`);
  return [
    `${who || "A reviewer"} ${verb} on your pull request #${pr.info.number}. Their words are quoted.`,
    ...bodies,
    ...placed(comments),
    ...(answered.size > 0 && older > 0
      ? [`${plural(older, "earlier remark is", "earlier remarks are")} still open too.`]
      : []),
    `Answer each point in the code, or say why not. ${finishWork(record)}`,
  ].join("\n\n");
}

/** To the agent: what the user lets through of the words of people who may not cause a message themselves. */
export function composeReleased(record: SessionRecord, comments: readonly HeldComment[]): string {
  const who = [...new Set(comments.map(({ author }) => oneLine(author, 60)))].join(", ");
  const number = record.pr.snapshot?.info.number ?? 0;
  return [
    `The user passes on what ${who} wrote about your pull request #${number}. Their words are quoted.`,
    ...placed(comments),
    `Judge each point: fix what is justified, and leave the rest. ${finishWork(record)}`,
  ].join("\n\n");
}

/** To the agent: new remarks of the bots that the user trusts. */
export function composeBotComments(record: SessionRecord, problem: Problem, answered: ReadonlySet<string>): string {
  const { snapshot: pr } = record.pr;
  if (pr === null) return "";
  const items = new Set(problem.items);
  const comments = pr.botComments.filter((comment) => items.has(comment.id) && !answered.has(comment.id));
  return [
    `Automated review left ${plural(comments.length, "new comment")} on your pull request #${pr.info.number}. They are quoted; bots are often wrong: judge each one.`,
    ...placed(comments),
    `Fix what is justified and leave the rest. ${finishWork(record)}`,
  ].join("\n\n");
}

interface Placed {
  author: string;
  body: string;
  path?: string | null | undefined;
  line?: number | null | undefined;
  url?: string | null | undefined;
  code?: string | undefined;
}

export function placed(comments: readonly Placed[]): string[] {
  const shown = comments.slice(0, MAX_COMMENTS).map((comment) => {
    const path = oneLine(comment.path ?? "", 300);
    const place = path === "" ? "In general" : comment.line == null ? path : `${path}:${comment.line}`;
    const code = comment.code === undefined ? "" : `\nThe code it is about:\n${quote(cut(comment.code))}`;
    const url = comment.url ? ` (${oneLine(comment.url, 300)})` : "";
    return `${place}, ${oneLine(comment.author, 60)}${url}:${code}\n${code === "" ? "" : "The comment:\n"}${quote(cut(comment.body))}`;
  });
  const rest = comments.length - shown.length;
  return rest > 0 ? [...shown, `${rest} more are on the pull request.`] : shown;
}

export const cut = (text: string): string => (text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)}\n[cut]` : text);
