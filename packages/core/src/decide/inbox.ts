import type { InboxRow, InboxSession } from "../model/inbox.ts";
import { isCutAtLimit } from "../model/limit-cut.ts";
import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { at, type Iso, toIso } from "../model/time.ts";
import { questionKey } from "./choice.ts";
import { ciOf } from "./ci.ts";
import { openQuestion } from "./question.ts";
import { causeOfAttention, snoozedUntil } from "./snooze.ts";
import { inStatusOrder } from "./status-order.ts";
import { groupOf } from "./view.ts";

/** Whether a session waits for the user. */
export function isInInbox(record: SessionRecord): boolean {
  const group = groupOf(record);
  return record.attention !== null && (group === "needs-you" || group === "ready-to-merge");
}

export interface InboxContext {
  nowMs: number;
  /** Asked for what has a pull request. */
  contextOf(record: SessionRecord): DecideContext;
}

/**
 * What waits for the user, the worst first, and then what is snoozed. Sessions that ask exactly the same share a row, which has the
 * place of the first.
 */
export function inboxRows(records: readonly SessionRecord[], { nowMs, contextOf }: InboxContext): InboxRow[] {
  const rows = new Map<string, InboxRow>();
  for (const record of inStatusOrder(records.filter(isInInbox))) {
    const until = snoozedUntil(record, nowMs);
    const session = sessionOf(record, contextOf);
    const key = `${until === null ? "" : `snoozed until ${until}: `}${keyOf(record, session)}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, rowOf(record, { key, session, until }));
    else rows.set(key, joined(row, session));
  }
  const all = [...rows.values()];
  const snoozed = all.filter((row) => row.snoozedUntil !== null);
  return [...all.filter((row) => row.snoozedUntil === null), ...snoozed.sort(bySnooze)];
}

const bySnooze = (a: InboxRow, b: InboxRow): number => ((a.snoozedUntil ?? "") < (b.snoozedUntil ?? "") ? -1 : 1);

/** As `ao answer --all` compares questions. */
function keyOf(record: SessionRecord, { id, cause }: InboxSession): string {
  const question = record.status === "needs_input" && !isCutAtLimit(record) ? openQuestion(record) : null;
  const asked = question === null ? null : questionKey(question);
  return asked === null ? `${id} ${cause}` : `asks ${asked}`;
}

function rowOf(record: SessionRecord, row: { key: string; session: InboxSession; until: Iso | null }): InboxRow {
  const { attention } = record;
  if (attention === null) throw new Error(`${record.id} needs nobody`);
  const { level, reason, hint } = attention;
  return {
    ...{ key: row.key, level, group: groupOf(record), reason, hint, since: row.session.since },
    question: record.status === "needs_input" ? openQuestion(record) : null,
    snoozedUntil: row.until,
    sessions: [row.session],
  };
}

const joined = (row: InboxRow, session: InboxSession): InboxRow => ({
  ...row,
  since: toIso(Math.min(at(session.since), at(row.since))),
  sessions: [...row.sessions, session],
});

function sessionOf(record: SessionRecord, contextOf: InboxContext["contextOf"]): InboxSession {
  const { id, projectId, instanceId, status, agent, branch, task, summary, statusSince, attention } = record;
  const { snapshot: pr } = record.pr;
  const question = status === "needs_input" ? openQuestion(record) : null;
  return {
    ...{ id, projectId, instanceId, status, agent, branch },
    title: task.issue?.title ?? summary,
    issue: task.issue?.id ?? null,
    since: attention?.since ?? statusSince,
    cause: causeOfAttention(record) ?? "",
    dialogId: question?.dialogId ?? null,
    pr: pr && {
      ...{ number: pr.info.number, url: pr.info.url, state: pr.state, review: pr.review, headSha: pr.headSha },
      ci: ciOf(record, contextOf(record)).ci,
    },
  };
}
