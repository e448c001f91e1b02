import { z } from "zod";
import { Iso } from "./time.ts";

/** What a session waits for before it starts: another session to be merged or done, or an issue to be closed. */
export const Predecessor = z.looseObject({
  /** A session's id. Null: it is an issue. */
  session: z.string().nullable(),
  /** An issue's id, as the tracker of the session's project names it (`issueKey`). Null: it is a session. */
  issue: z.string().nullable(),
  /** `user`: by `--after`. `tracker`: the issue is blocked by it. */
  by: z.enum(["user", "tracker"]),
  /** Since when it is no longer waited for. Null while it is. */
  metAt: Iso.nullable(),
  /** Why the tracker cannot tell whether the issue is closed. */
  problem: z.string().nullable().optional(),
  /** The tracker has no such issue any more. */
  isGone: z.boolean().optional(),
});
export type Predecessor = z.infer<typeof Predecessor>;

/** Which one is meant. */
export type PredecessorName = Pick<Predecessor, "session" | "issue">;

/** A predecessor that will not end well by itself. */
export const LostPredecessor = z.looseObject({
  reason: z.string(),
  /** What to type. */
  hint: z.string(),
  /** The user is notified once of each. */
  cause: z.string(),
});
export type LostPredecessor = z.infer<typeof LostPredecessor>;
