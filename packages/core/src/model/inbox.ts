import { z } from "zod";
import { CIStatus, PRState, ReviewDecision } from "./pull-request.ts";
import { OpenQuestion, StatusGroup } from "./session-view.ts";
import { Priority, SessionStatus } from "./status.ts";
import { Iso } from "./time.ts";

/** A session in a row of the inbox. */
export const InboxSession = z.object({
  id: z.string(),
  projectId: z.string(),
  instanceId: z.string(),
  status: SessionStatus,
  agent: z.string(),
  branch: z.string(),
  /** The issue's title, or the user's own words. */
  title: z.string().nullable(),
  issue: z.string().nullable(),
  /** Since when it has needed the user for this. */
  since: Iso,
  /** What it needs the user for. It changes with the question, the problem and the commit. */
  cause: z.string(),
  /** The open dialog. Null if it has none, or asked with a report. */
  dialogId: z.string().nullable(),
  pr: z
    .object({
      number: z.number().int(),
      url: z.string(),
      state: PRState,
      ci: CIStatus,
      review: ReviewDecision,
      headSha: z.string(),
    })
    .nullable(),
});
export type InboxSession = z.infer<typeof InboxSession>;

/** What needs the user: one session, or several that ask exactly the same. */
export const InboxRow = z.object({
  /** Names the row for as long as it is about the same thing. */
  key: z.string(),
  level: Priority,
  group: StatusGroup,
  reason: z.string(),
  /** The command that helps. */
  hint: z.string(),
  /** Of the session that has waited longest. */
  since: Iso,
  question: OpenQuestion.nullable(),
  /** Hidden until then. Null if it is not snoozed. */
  snoozedUntil: Iso.nullable(),
  /** The first one gives the row its place. */
  sessions: z.array(InboxSession),
});
export type InboxRow = z.infer<typeof InboxRow>;
