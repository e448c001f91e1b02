import type { Notice } from "../../model/notice.ts";
import type { SessionRecord } from "../../model/session.ts";
import { OpenQuestion } from "../../model/session-view.ts";
import { at } from "../../model/time.ts";
import { openQuestion } from "../question.ts";
import { isTakenUp } from "./taken-up.ts";

/**
 * An agent may take a question back by itself, go on, and ask it again. Within this time after somebody was told, and unless somebody
 * took it up, it is the same to them.
 */
export const SAME_FOR_MS = 5 * 60_000;

const questionIn = ({ event }: Pick<Notice, "event">): OpenQuestion | null =>
  event.type === "session.needs_input" ? (OpenQuestion.safeParse(event.data.question).data ?? null) : null;

/** What is asked, whichever dialog asks it. Null if its words are not known. */
function wordsOf(question: OpenQuestion | null): string | null {
  if (question === null || (question.dialogId === null && question.kind !== "report")) return null;
  const { kind, text, choices, takesText } = question;
  return JSON.stringify([kind, text, choices, takesText]);
}

const isTakenUpBy = (notice: Notice, record: SessionRecord): boolean => {
  const { answered, humanInputAt } = record;
  const since = [answered?.at ?? null, humanInputAt].some((when) => when !== null && at(when) > at(notice.createdAt));
  return since || isTakenUp(notice, record);
};

/** Until when a question that is over by itself is remembered, for the case that it comes back. Null: it is not. */
export function rememberedUntil(notice: Notice, record: SessionRecord | undefined, nowMs: number): number | null {
  const { deliveredAt, reminders } = notice;
  if (record === undefined || deliveredAt === null || reminders === null) return null;
  if (wordsOf(questionIn(notice)) === null || isTakenUpBy(notice, record)) return null;
  const until = at(deliveredAt) + SAME_FOR_MS;
  return until > nowMs ? until : null;
}

/** Until when it is held, because the same was said a moment ago and is over by itself. Null: it is not. */
export function heldUntil(notice: Notice, all: readonly Notice[], record: SessionRecord): number | null {
  const words = wordsOf(questionIn(notice));
  if (words === null) return null;
  const told = all.filter(
    (other) =>
      other.overAt !== undefined &&
      other.sessionId === notice.sessionId &&
      wordsOf(questionIn(other)) === words &&
      !isTakenUpBy(other, record),
  );
  const ends = told.map(({ deliveredAt }) => (deliveredAt === null ? 0 : at(deliveredAt) + SAME_FOR_MS));
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Whether this is what the session still asks, in the dialog that is open now. */
export function isStillAsked(notice: Notice, record: SessionRecord): boolean {
  const question = questionIn(notice);
  const open = openQuestion(record);
  return (
    question === null || (open !== null && open.dialogId === question.dialogId && wordsOf(open) === wordsOf(question))
  );
}
