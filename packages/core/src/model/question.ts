import type { Activity } from "./activity.ts";
import type { Dialog } from "./dialog.ts";
import type { SessionRecord } from "./session.ts";

type Asked = Pick<SessionRecord, "activity" | "claims">;

const asks = (activity: Activity | null | undefined): activity is Activity =>
  activity?.state === "waiting_input" || activity?.state === "blocked";

/** The open dialog of the agent's program. A question that it asked with a report has none, and may hide one. */
export function openDialog({ activity, claims }: Asked): Dialog | null {
  if (!asks(activity)) return null;
  const asking = [activity, ...Object.values(claims ?? {})].filter(asks);
  return asking.find((each) => each.dialog !== undefined)?.dialog ?? null;
}

/** Whether it asked with a report and nothing is open in its terminal, so that a message is the answer. */
export function isAskedByReport({ activity, claims }: Asked): boolean {
  if (!asks(activity) || activity.source !== "report") return false;
  return Object.values(claims ?? {}).every((each) => !asks(each) || each.source === "report");
}
