import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { textFrom } from "@agent-orchestrator/agent-kit/text-end";
import { z } from "zod";
import { squeezed, unwrapped } from "./receipts.ts";
import { readLine } from "./transcript-line.ts";

/** Our messages that a hook or the program's own queue has confirmed, and no turn has taken yet. A program that ends loses its queue. */
export const Waiting = z.array(z.object({ id: z.string(), text: z.string(), launch: z.number() }));
export type Waiting = z.infer<typeof Waiting>;

/** Without those that a prompt of the program has taken: one, or several in one. */
export function withoutTaken(waiting: Waiting, prompt: string): Waiting {
  const lines = linesOf(prompt);
  const same = waiting.find(({ text }) => squeezed(unwrapped(text)) === squeezed(unwrapped(prompt)));
  if (same !== undefined) return waiting.filter((each) => each !== same);
  return waiting.filter(({ text }) => !lines.includes(linesOf(text)));
}

const linesOf = (text: string): string => `\n${unwrapped(text).trim()}\n`;

/** The same for the unread rest of a transcript, because the program may have ended right after it took one. */
export function withoutTakenIn(waiting: Waiting, path: string, offset: number): Waiting {
  if (waiting.length === 0) return waiting;
  let left = waiting;
  // Not all of it, because a transcript may have 100 MB, and all but its end was read before.
  for (const line of (textFrom(path, offset) ?? "").split("\n")) {
    for (const event of readLine(parseJson(line))) if (event.kind === "prompt") left = withoutTaken(left, event.text);
  }
  return left;
}
