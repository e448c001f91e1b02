import { z } from "zod";

export const TmuxOptions = z.strictObject({
  /** The tmux program. */
  program: z.string().min(1).default("tmux"),
  /** The time an agent gets between TERM and KILL. */
  graceMs: z.number().int().min(0).default(5_000),
});
export type TmuxOptions = z.infer<typeof TmuxOptions>;
