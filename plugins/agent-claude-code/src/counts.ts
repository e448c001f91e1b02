import { z } from "zod";

/** Tokens by kind. */
export const Counts = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
});
export type Counts = z.infer<typeof Counts>;

const NONE: Counts = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** `less` is what was already counted for the same answer. */
export function addTokens(sum: Counts | null, more: Counts, less: Counts | null): Counts {
  const a = sum ?? NONE;
  const c = less ?? NONE;
  return {
    input: a.input + more.input - c.input,
    output: a.output + more.output - c.output,
    cacheRead: a.cacheRead + more.cacheRead - c.cacheRead,
    cacheWrite: a.cacheWrite + more.cacheWrite - c.cacheWrite,
  };
}
