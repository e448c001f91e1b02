import { DurationMs } from "@agent-orchestrator/core/model/time";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

const DEFAULT_TIMEOUT_MS = 8_000;
const MAX_TIMEOUT_MS = 60_000;

/** NUL ends a text for every system call. */
const Word = z
  .string()
  .max(4096)
  .refine((text) => !text.includes("\0"), "must not contain a NUL character");

/** The keys of a notifier with `plugin: command`. See docs/slots/notifier.md. */
export const Options = z.strictObject({
  /** A program on PATH, an absolute path, or one that begins with `~/`. */
  command: Word.min(1).refine(
    (text) => !text.includes("/") || /^(\/|~\/)/.test(text),
    "must be the name of a program on PATH, or a path that begins with `/` or `~/`",
  ),
  /** Passed as they are. Nothing of an event is ever added to them. */
  args: z.array(Word).max(100).default([]),
  /** After this, the program and everything it started are ended. Core waits ten seconds at most. */
  timeout: DurationMs.default(DEFAULT_TIMEOUT_MS).refine(
    (ms) => ms > 0 && ms <= MAX_TIMEOUT_MS,
    "must be more than 0 and at most `60s`",
  ),
});
export type Options = z.infer<typeof Options>;

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  return checkedOptions(Options, config, { of: "notifier `command`", page: "docs/slots/notifier.md" });
}
