import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { isOurs } from "@agent-orchestrator/plugin-kit/github/mark";
import { visible } from "@agent-orchestrator/plugin-kit/github/visible";
import { type Desk, target } from "./desk.ts";
import { readIssue } from "./issue.ts";
import type { Reference } from "./reference.ts";

const MAX_TITLE = 300;
const MAX_COMMENTS = 30;
const MAX_COMMENT = 8_000;
const MAX_COMMENTS_TEXT = 40_000;
const PAGE = 100;

/** The issue as text to quote: title, labels, description, and what people with write access said since. */
export async function promptOf(desk: Desk, reference: Reference, options?: CallOptions): Promise<string> {
  const issue = await readIssue(desk, reference, options);
  const facts = [
    issue.labels.length > 0 && `Labels: ${issue.labels.map((label) => oneLine(label)).join(", ")}`,
    typeof issue.milestone === "string" && `Milestone: ${oneLine(issue.milestone)}`,
  ].filter((line) => typeof line === "string");
  const head = [`#${issue.id} ${oneLine(visible(issue.title), MAX_TITLE)}`, ...facts, "", visible(issue.description)];
  const comments = await commentsOf(desk, reference, options);
  return [...head, ...(comments.length === 0 ? [] : ["", "Comments:", ...comments])].join("\n").trim();
}

/** The newest ones that fit, oldest first. */
async function commentsOf(desk: Desk, { repo, number }: Reference, options?: CallOptions): Promise<string[]> {
  const { data } = await desk.github.say(`read the comments of issue ${number}`, () =>
    desk.github.rest.issues.listComments({ ...target(repo, options), issue_number: number, per_page: PAGE }),
  );
  const shown: string[] = [];
  let left = MAX_COMMENTS_TEXT;
  for (const comment of data.reverse()) {
    const author = comment.user ? { login: comment.user.login, __typename: comment.user.type } : null;
    const text = visible(comment.body ?? "");
    if (
      text === "" ||
      isOurs(comment.body ?? "") ||
      !(await desk.people.mayWrite(author, comment.author_association, options))
    )
      continue;
    const cut = text.length > MAX_COMMENT ? `${text.slice(0, MAX_COMMENT)} …` : text;
    left -= cut.length;
    if (left < 0 || shown.length === MAX_COMMENTS) break;
    shown.push(`${author?.login ?? "ghost"} wrote on ${comment.created_at.slice(0, 10)}:\n${cut}\n`);
  }
  return shown.reverse();
}
