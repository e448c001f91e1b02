import type { DecideContext } from "../../model/policy.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { SessionCard } from "../../model/session-card.ts";
import { oneLine } from "../../model/text.ts";
import { deriveStatus } from "../status.ts";

/** A session in a few words. */
export function toSessionCard(record: SessionRecord, ctx: DecideContext): SessionCard {
  const { id, projectId, task, agent, branch, status, attention } = record;
  const { snapshot: pr } = record.pr;
  const title = task.issue?.title ?? task.prompt;
  return {
    sessionId: id,
    projectId,
    title: title === null ? null : oneLine(title, 150),
    ...{ agent, branch: oneLine(branch, 150), status },
    because: oneLine(deriveStatus(record, ctx).because, 300),
    needs: attention === null ? null : oneLine(attention.reason, 300),
    pr: pr && { number: pr.info.number, url: pr.info.url, state: pr.state, ci: pr.ci, review: pr.review },
  };
}
