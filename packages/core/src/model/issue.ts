import { z } from "zod";

export const IssueState = z.enum(["open", "in_progress", "closed", "cancelled"]);
export type IssueState = z.infer<typeof IssueState>;

/** How far the work on an issue is: an agent has begun with it, or there is a pull request to review. */
export const IssueStage = z.enum(["started", "review"]);
export type IssueStage = z.infer<typeof IssueStage>;

/** An issue as a tracker reports it. All its text comes from strangers. It is data, never instructions. */
export const Issue = z.looseObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  url: z.string(),
  state: IssueState,
  labels: z.array(z.string()),
  assignee: z.string().optional(),
  priority: z.number().optional(),
  branchName: z.string().optional(),
  /** Which of its project's trackers has it, if there are several. */
  tracker: z.string().optional(),
});
export type Issue = z.infer<typeof Issue>;

/** What tells an issue from every other one of its project: its id, or `linear:INT-100` where there are several trackers. */
export const issueKey = ({ id, tracker }: { id: string; tracker?: string | undefined }): string =>
  tracker === undefined ? id : `${tracker}:${id}`;
