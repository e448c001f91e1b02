import type { OrchestratorEvent } from "../../model/event.ts";
import type { Notice } from "../../model/notice.ts";
import type { NoticeOfSeveral, NoticeSession, NotifyAction } from "../../model/notification.ts";
import type { SessionRecord } from "../../model/session.ts";
import { Priority } from "../../model/status.ts";
import { plural } from "../text.ts";
import { actionsOf } from "./press.ts";

/** What a channel gets. */
export interface Message {
  event: OrchestratorEvent;
  actions: NotifyAction[];
}

const NEEDS_HUMAN: ReadonlySet<Priority> = new Set<Priority>(["urgent", "action"]);

/** One notice as it is, or several as one event of the most urgent priority, with a line for each. The same again for the same notices. */
export function compose(notices: readonly Notice[], sessions: Readonly<Record<string, SessionRecord>>): Message | null {
  const parts = notices.map((notice) => partOf(notice, sessions[notice.sessionId]));
  const [first] = parts;
  if (first === undefined) return null;
  if (parts.length === 1) {
    const { actions, ...event } = first;
    return { event: { seq: 0, ...event }, actions: actions as NotifyAction[] };
  }
  const ids = [...new Set(parts.map(({ sessionId }) => sessionId))];
  const projects = [...new Set(parts.map(({ projectId }) => projectId))];
  const event: OrchestratorEvent = {
    seq: 0,
    id: `${first.id}+${parts.length - 1}`,
    ts: first.ts,
    type: first.type,
    priority: mostUrgent(parts),
    projectId: projects.length === 1 ? first.projectId : null,
    sessionId: ids.length === 1 ? first.sessionId : null,
    message: `${headOf(parts)}: ${parts.map(({ message }) => message).join(" · ")}`,
    data: { notices: parts },
  };
  return { event, actions: [] };
}

function partOf(notice: Notice, record: SessionRecord | undefined): NoticeOfSeveral {
  const { key, sessionId, projectId, createdAt, event } = notice;
  const { type, priority, message, data } = event;
  const session = record === undefined ? {} : { session: sessionOf(record) };
  const actions = actionsOf(notice, record);
  return {
    id: key,
    ts: createdAt,
    type,
    priority,
    projectId,
    sessionId,
    message,
    data: { ...data, ...session },
    actions,
  };
}

function sessionOf({ task, agent, branch }: SessionRecord): NoticeSession {
  return { title: task.issue?.title ?? null, agent, branch, issueUrl: task.issue?.url ?? null };
}

/** How many sessions need the user; where none does, how many there is something to know of. */
function headOf(notices: readonly NoticeOfSeveral[]): string {
  const forHuman = notices.filter(({ priority }) => NEEDS_HUMAN.has(priority));
  const count = (of: readonly NoticeOfSeveral[]): number => new Set(of.map(({ sessionId }) => sessionId)).size;
  if (forHuman.length === 0) return plural(count(notices), "session has news", "sessions have news");
  return `${plural(count(forHuman), "session needs", "sessions need")} you`;
}

const mostUrgent = (notices: readonly NoticeOfSeveral[]): Priority =>
  Priority.options.find((priority) => notices.some((one) => one.priority === priority)) ?? "info";
