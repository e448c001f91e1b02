import { z } from "zod";

/** An open permission or question of an agent that `ao answer` can answer. */
export const Dialog = z.looseObject({
  /** The id of this one dialog. A later one has another id, even with the same text. */
  id: z.string(),
  /** `permission`: the agent asks to do something. `question`: the agent asks a question. `notice`: from the program itself (trust, login, update, …). */
  kind: z.enum(["permission", "question", "notice"]),
  /** The question in the agent's words, without control characters. May have several lines. */
  text: z.string(),
  /** Labels of the choices in the agent's own order. Empty if only a text, or only the terminal, can answer it. */
  choices: z.array(z.string()),
  takesText: z.boolean(),
  /** A choice (or another way) allows the same permanently. */
  canAlways: z.boolean().optional(),
  /** Why only the terminal can answer it. */
  onlyInTerminal: z.string().optional(),
});
export type Dialog = z.infer<typeof Dialog>;
