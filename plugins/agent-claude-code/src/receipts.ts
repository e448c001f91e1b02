import { createHash } from "node:crypto";
import { z } from "zod";

/** How often each of the latest texts was seen on each way, and told. */
export const ReceiptCounts = z.array(
  z.object({ key: z.string(), hook: z.number(), queue: z.number(), prompt: z.number(), told: z.number() }),
);
export type ReceiptCounts = z.infer<typeof ReceiptCounts>;
export type Way = "hook" | "queue" | "prompt";

const MAX_TEXTS = 24;

/**
 * One message shows up to three times: its hook, the queue it waited in, the transcript. It is told once: when any way has seen the text
 * more often than it was told. Pure.
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

/** What is drawn: rows wrap at white space, and the program composes letters with their marks. */
export const squeezed = (text: string): string => text.normalize("NFC").replace(/\s+/g, "");

/** What is told: how much white space is between words may change, that there is some may not. */
const asTold = (text: string): string => unwrapped(text).normalize("NFC").replace(/\s+/g, " ").trim();

/** Whether what was taken is what was typed. What was wrapped as pasted may have been cut anywhere. */
export const isSameMessage = (taken: string, typed: string): boolean =>
  taken === unwrapped(taken) ? asTold(taken) === asTold(typed) : squeezed(unwrapped(taken)) === squeezed(typed);

/** What a human pasted is wrapped by newer versions. */
export const unwrapped = (text: string): string => text.replace(/<\/?pasted_content\b[^>]*>/g, "");
