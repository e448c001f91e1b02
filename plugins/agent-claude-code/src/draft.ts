import { piecesOf } from "@agent-orchestrator/plugin-kit/message";
import { squeezed } from "./receipts.ts";
import type { Seen } from "./screen.ts";

/** A draft as it is seen. */
export type Shown = Pick<Seen, "isWhole"> & { draft: string };

/** Pictures, and marks over letters, every terminal draws as it likes. */
const DRAWN_SOMEHOW = /[\p{M}\p{C}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]/gu;

/** What of a draft can be compared with this text: rows wrap at blanks, and the rest counts where every terminal draws it alike. */
function likenessFor(text: string): (of: string) => string {
  const isSomehow = squeezed(text).search(DRAWN_SOMEHOW) !== -1;
  return isSomehow ? (of) => squeezed(of).replace(DRAWN_SOMEHOW, "") : squeezed;
}

/** What stands in the box after none, one, two … of the pieces that a text is typed in. */
export function stagesOf(text: string): string[] {
  const stages = [""];
  for (const piece of piecesOf(text)) stages.push(`${stages.at(-1)}${piece}`);
  return stages;
}

/** Whether the box holds this text and nothing else, as far as it is seen. */
export function holdsExactly({ draft, isWhole }: Shown, text: string): boolean {
  const like = likenessFor(text);
  const [shown, wanted] = [like(draft), like(text)];
  if (shown === "") return squeezed(draft) === squeezed(text);
  return isWhole ? shown === wanted : wanted.endsWith(shown);
}

/** Whether the box holds a beginning of this text, which is still being drawn. */
export function holdsBeginning({ draft, isWhole }: Shown, text: string): boolean {
  const like = likenessFor(text);
  return isWhole ? like(text).startsWith(like(draft)) : like(text).includes(like(draft));
}

/** Whether the box holds what we typed of this text, and nothing of anybody else. */
export function isLeftOver(shown: Shown, text: string): boolean {
  return stagesOf(`${text} `).some((stage) => stage !== "" && holdsExactly(shown, stage));
}

const graphemes = (text: string): number => [...new Intl.Segmenter().segment(text)].length;

/** Which keys take our words out from among somebody's: so often left, so often delete backwards, and back again. */
export interface WayOut {
  left: number;
  back: number;
  /** Whether a draft is what must stand in the box then; they may have gone on writing. */
  isDone(draft: string): boolean;
}

/**
 * null: it is not sure. `before` is what stands before the cursor, `after` what stands behind it; ours must stand before it in one
 * piece, once, with no more than a part of one row between it and the cursor.
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
  // Where a picture at its end is drawn nobody knows.
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

/** Whether theirs is there, perhaps with more of theirs, and no beginning of ours is left, which goes from its end. */
function isWithout(text: string, of: { head: string; ours: string; between: string; tail: string }): boolean {
  const { head, ours, between, tail } = of;
  if (text === head + between + tail) return true;
  if (text.length < (head + between + tail).length || !text.endsWith(tail)) return false;
  const isLeft = Array.from(ours, (_, at) => head + ours.slice(0, at + 1) + between).some((each) =>
    text.startsWith(each),
  );
  return text.startsWith(head + between) && !isLeft;
}

/** Where so many comparable signs of a text are over. */
function indexBehind(text: string, of: { count: number; like(of: string): string }): number | null {
  let seen = 0;
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    seen += of.like(segment).length;
    if (seen >= of.count) return seen === of.count ? index + segment.length : null;
  }
  return null;
}
