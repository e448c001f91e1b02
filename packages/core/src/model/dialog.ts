import { z } from "zod";

/** A permission or a question that is open in an agent, as `ao answer` can answer it. */
export const Dialog = z.looseObject({
  /** Names this one dialog: a later one, even with the same words, has another. */
  id: z.string(),
  /** `permission`: may it do this. `question`: the agent asks. `notice`: of the program itself (trust, login, update, …). */
  kind: z.enum(["permission", "question", "notice"]),
  /** What is asked, in the agent's words, without control characters; several lines are possible. */
  text: z.string(),
  /** Labels of the choices in the agent's own order; empty: only a text answers it, or nothing but the terminal. */
  choices: z.array(z.string()),
  takesText: z.boolean(),
  /** A choice (or another way) allows the same for ever. */
  canAlways: z.boolean().optional(),
  /** Only the terminal can answer it, and why. */
  onlyInTerminal: z.string().optional(),
});
export type Dialog = z.infer<typeof Dialog>;
