import { piecesOf } from "@agent-orchestrator/plugin-kit/message";
import { squeezed } from "../transcript/receipts.ts";
import type { Seen } from "./screen.ts";

/** A draft as drawn on the screen. */
export type Shown = Pick<Seen, "isWhole"> & { draft: string };

/** Emoji and combining marks, which terminals draw differently. */
const DRAWN_SOMEHOW = /[\p{M}\p{C}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]/gu;

/** The comparable part of a draft. Rows wrap at blanks, and only what every terminal draws alike counts. */
function likenessFor(text: string): (of: string) => string {
  const isSomehow = squeezed(text).search(DRAWN_SOMEHOW) !== -1;
  return isSomehow ? (of) => squeezed(of).replace(DRAWN_SOMEHOW, "") : squeezed;
}

/** What the box contains after none, one, two … of the pieces in which a text is typed. */
export function stagesOf(text: string): string[] {
  const stages = [""];
  for (const piece of piecesOf(text)) stages.push(`${stages.at(-1)}${piece}`);
  return stages;
}

/** Whether the box contains only this text, as far as can be seen. */
export function holdsExactly({ draft, isWhole }: Shown, text: string): boolean {
  const like = likenessFor(text);
  const [shown, wanted] = [like(draft), like(text)];
  if (shown === "") return squeezed(draft) === squeezed(text);
  return isWhole ? shown === wanted : wanted.endsWith(shown);
}

/** Whether the box contains the beginning of this text, which is still being drawn. */
export function holdsBeginning({ draft, isWhole }: Shown, text: string): boolean {
  const like = likenessFor(text);
  return isWhole ? like(text).startsWith(like(draft)) : like(text).includes(like(draft));
}

/** Whether the box contains only what we typed of this text. */
export function isLeftOver(shown: Shown, text: string): boolean {
  return stagesOf(`${text} `).some((stage) => stage !== "" && holdsExactly(shown, stage));
}

const graphemes = (text: string): number => [...new Intl.Segmenter().segment(text)].length;

/** The keys that delete our words from somebody's draft: how often left, how often backspace, and back again. */
export interface WayOut {
  left: number;
  back: number;
  /** Whether a draft is what should be in the box then. The user may have continued to type. */
  isDone(draft: string): boolean;
}

/**
 * Null if it is not certain. `before` is the text before the cursor, `after` the text behind it. Ours must be before the cursor in
 * one piece, once, with at most a part of one row between it and the cursor.
 */
export function wayOut(box: { before: string; after: string }, ours: string): WayOut | null {
  const like = likenessFor(ours);
  const before = box.before.normalize("NFC");
  const wanted = like(ours);
  const all = like(`${before}${box.after}`);
  const from = all.indexOf(wanted);
  if (wanted === "" || from === -1 || all.indexOf(wanted, from + 1) !== -1) return null;
  const end = indexBehind(before, { count: from + wanted.length, like });
  if (end === null) return null;
  const blanks = /\s*$/.exec(ours)?.[0] ?? "";
  // It is unknown where an emoji at its end is drawn.
  if (like([...ours.trimEnd()].at(-1) ?? "") === "") return null;
  const behind = before.slice(end);
  if (/\n/.test(`${blanks}${behind}`) || !behind.startsWith(blanks)) return null;
  const tail = like(box.after);
  return {
    left: graphemes(behind.slice(blanks.length)),
    back: graphemes(ours),
    isDone: (draft) => isWithout(like(draft), { head: all.slice(0, from), ours: wanted, between: like(behind), tail }),
  };
}

/** Whether their text is there, perhaps with more of theirs, and nothing is left of ours, which is deleted from its end. */
function isWithout(text: string, of: { head: string; ours: string; between: string; tail: string }): boolean {
  const { head, ours, between, tail } = of;
  if (text === head + between + tail) return true;
  if (text.length < (head + between + tail).length || !text.endsWith(tail)) return false;
  const isLeft = Array.from(ours, (_, at) => head + ours.slice(0, at + 1) + between).some((each) =>
    text.startsWith(each),
  );
  return text.startsWith(head + between) && !isLeft;
}

/** The position after this many comparable characters of a text. */
function indexBehind(text: string, of: { count: number; like(of: string): string }): number | null {
  let seen = 0;
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    seen += of.like(segment).length;
    if (seen >= of.count) return seen === of.count ? index + segment.length : null;
  }
  return null;
}
