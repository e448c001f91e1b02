import type { InboxRow, InboxSession } from "@agent-orchestrator/core/model/inbox";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Colours } from "../output/colour.ts";
import { fit, linesOf } from "../output/format.ts";
import { questionLines } from "../output/question-text.ts";
import type { Model } from "./model.ts";

export interface Look {
  columns: number;
  rows: number;
  nowMs: number;
  colour: Colours;
}

/** `3 need you, 1 ready to merge, 2 snoozed`. */
export function countsText({ rows, snoozed }: Pick<Model, "rows" | "snoozed">): string {
  const count = (some: readonly InboxRow[]) => some.reduce((sum, { sessions }) => sum + sessions.length, 0);
  const ready = count(rows.filter(({ group }) => group === "ready-to-merge"));
  const need = count(rows) - ready;
  const parts = [
    ...(need > 0 ? [need === 1 ? "1 needs you" : `${need} need you`] : []),
    ...(ready > 0 ? [`${ready} ready to merge`] : []),
    ...(snoozed.length > 0 ? [`${count(snoozed)} snoozed`] : []),
  ];
  return parts.length === 0 ? "nothing needs you" : parts.join(", ");
}

/** The first lines of a text. The last one shows that there are more. */
export function cut(lines: readonly string[], { most, width }: { most: number; width: number }): string[] {
  if (lines.length <= most) return lines.map((line) => fit(line, width));
  return [...lines.slice(0, most - 1).map((line) => fit(line, width)), fit(`${lines[most - 1]} …`, width)];
}

export const prText = ({ pr }: InboxSession): string => {
  if (pr === null) return "";
  const ci = { passing: " ✓ci", failing: " ✗ci", pending: " …ci", none: "" }[pr.ci];
  const review = { approved: " ✓review", changes_requested: " ✗review", pending: " …review", none: "" }[pr.review];
  return `PR ${pr.number}${ci}${review}`;
};

/** `#42 Fix the login`, or the branch. */
export const titleOf = ({ issue, title, branch }: InboxSession): string =>
  `${issue === null ? "" : `#${oneLine(issue, 30)} `}${oneLine(title ?? branch)}`;

/** The question and its choices. Where there is little room, the question is cut first. */
export function askedLines(
  question: NonNullable<InboxRow["question"]>,
  { most, width }: { most: number; width: number },
): string[] {
  const lines = questionLines(question);
  const asked = lines.slice(0, lines.length - question.choices.length).flatMap((line) => linesOf(line, width));
  const choices = lines.slice(lines.length - question.choices.length).map((line) => fit(line, width));
  const room = Math.max(1, most - choices.length);
  return [...cut(asked, { most: room, width }), ...cut(choices, { most: Math.max(1, most - 1), width })];
}
