import { createHash } from "node:crypto";
import { z } from "zod";

/** How often each of the latest texts was seen in each source, and reported. */
export const ReceiptCounts = z.array(
  z.object({ key: z.string(), hook: z.number(), queue: z.number(), prompt: z.number(), told: z.number() }),
);
export type ReceiptCounts = z.infer<typeof ReceiptCounts>;
export type Way = "hook" | "queue" | "prompt";

const MAX_TEXTS = 24;

/**
 * One message shows up as many as three times: in its hook, in the queue it waited in, in the transcript. It is reported once, when any
 * source has seen the text more often than it was reported. Pure.
 */
export function countReceipt(
  counts: ReceiptCounts,
  way: Way,
  text: string,
): { counts: ReceiptCounts; isNews: boolean } {
  const key = keyOf(text);
  const before = counts.find((each) => each.key === key) ?? { key, hook: 0, queue: 0, prompt: 0, told: 0 };
  const seen = { ...before, [way]: before[way] + 1 };
  const isNews = seen[way] > seen.told;
  const others = counts.filter((each) => each.key !== key);
  const entry = { ...seen, told: isNews ? seen.told + 1 : seen.told };
  return { counts: [...others, entry].slice(-MAX_TEXTS), isNews };
}

const keyOf = (text: string): string =>
  createHash("sha256")
    .update(squeezed(unwrapped(text)))
    .digest("base64url")
    .slice(0, 16);

/** Compares drawn text. Rows wrap at white space, and the program composes letters with their marks. */
export const squeezed = (text: string): string => text.normalize("NFC").replace(/\s+/g, "");

/** Compares reported text. The amount of white space between words may differ, but not whether there is any. */
const asTold = (text: string): string =>
  unwrapped(text)
    .replace(/\p{Cf}+/gu, "")
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim();

/** Whether the accepted text is the typed one. Text that was wrapped as pasted may have been cut anywhere. */
export const isSameMessage = (taken: string, typed: string): boolean =>
  taken === unwrapped(taken) ? asTold(taken) === asTold(typed) : squeezed(unwrapped(taken)) === squeezed(typed);

/** Newer versions wrap pasted text. */
export const unwrapped = (text: string): string => text.replace(/<\/?pasted_content\b[^>]*>/g, "");
