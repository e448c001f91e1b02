import type { EventType, OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import {
  NoticeSession,
  type NotificationDocument,
  type NotificationLink,
  type NotificationQuestion,
} from "@agent-orchestrator/core/model/notification";
import { OpenQuestion } from "@agent-orchestrator/core/model/session-view";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import type { NotifyAction } from "@agent-orchestrator/core/slots/notifier";

/** What the title says of a session. */
const NEEDS: Partial<Record<EventType, string>> = {
  "session.stuck": "is stuck",
  "session.needs_input": "asks a question",
  "session.errored": "failed",
  "session.idle": "is waiting for you",
  "session.exited": "has ended",
  "session.killed": "was ended",
  "reaction.escalated": "needs your help",
  "attention.needed": "needs you",
  "review.pending": "waits for your review",
  "review.approved": "is approved",
  "merge.ready": "is ready to merge",
  "merge.completed": "is merged",
  "pr.merged": "is merged",
  "pr.closed": "was closed without a merge",
  "ci.failing": "has failing checks",
  "ci.fix_failed": "still has failing checks",
  "review.changes_requested": "has requested changes",
  "merge.conflicts": "conflicts with its base",
  "limit.reached": "is paused by a limit",
};

/** What the user runs next. `ao explain` where none is better. */
const COMMANDS: Partial<Record<EventType, string>> = {
  "session.stuck": "ao attach",
  "review.pending": "ao review",
  "review.approved": "ao merge",
  "merge.ready": "ao merge",
};

const MAX_TITLE = 100;
/** Room for what core puts into one notice. */
const MAX_MESSAGE = 16_000;
const MAX_QUESTION = 2_000;
const MAX_CHOICE = 200;
const MAX_CHOICES = 20;
/** Of the facts, as JSON. */
const MAX_DATA_BYTES = 64 << 10;

/** The event as one document, with everything that a person needs: who, what, the question, links and a command. */
export function documentOf(event: OrchestratorEvent, actions: readonly NotifyAction[] = []): NotificationDocument {
  const { id, ts, type, priority, projectId, sessionId, data } = event;
  const question = questionOf(data);
  return {
    version: 1,
    id: line(id, 500),
    ts,
    type: line(type, 100),
    priority,
    projectId: projectId === null ? null : line(projectId, 200),
    sessionId: sessionId === null ? null : line(sessionId, 200),
    title: titleOf(event),
    message: line(event.message, MAX_MESSAGE),
    question,
    links: linksOf(data, actions),
    command: commandOf(event, question),
    data: boundedData(data),
  };
}

/** A message that is no event, as the same document. */
export function documentOfText(message: string, about: Pick<NotificationDocument, "id" | "ts"> & About) {
  const { id, ts, sessionId = null, projectId = null } = about;
  const document = documentOf({
    ...{ seq: 0, id, ts, type: "message", priority: "info", message, data: {} },
    ...{ sessionId, projectId },
  });
  return { ...document, title: line(sessionId ?? projectId ?? "ao", MAX_TITLE), command: null };
}

interface About {
  sessionId?: string | undefined;
  projectId?: string | undefined;
}

/** One line of at most `max` UTF-16 units, without control characters, invisible ones or half a character. */
export function line(text: string, max: number): string {
  const clean = cleanForTerminal(text)
    .replace(/[\t\n ]+/g, " ")
    .trim();
  return shortened(clean, max);
}

/** The longest beginning of a text, with `…`, that has at most `max` units. */
export const shortened = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, "")}…`;

const isOfSeveral = ({ data }: OrchestratorEvent): boolean => Array.isArray(data.notices);

/** Which session, what about it, and its task, which is strangers' text: one line without control characters. */
export function titleOf(event: OrchestratorEvent): string {
  const { type, sessionId, projectId, priority } = event;
  if (isOfSeveral(event)) {
    return priority === "info" || priority === "warning"
      ? "ao: news of several sessions"
      : "ao: several sessions need you";
  }
  if (type === "notify.test") return "ao: test";
  if (type === "summary.all_complete") return "ao: all sessions have ended";
  const need = NEEDS[type as EventType] ?? type.replace(/[._]/g, " ");
  const task = NoticeSession.safeParse(event.data.session).data?.title ?? "";
  const waited = typeof event.data.waitedMs === "number" ? `Reminder (${formatDuration(event.data.waitedMs)}): ` : "";
  return line(`${waited}${sessionId ?? projectId ?? "ao"} ${need}${task === "" ? "" : `: ${task}`}`, MAX_TITLE);
}

/** Null if the facts contain none. The same fact is there with an event of another kind, such as an agent that is stuck. */
function questionOf(data: Record<string, unknown>): NotificationQuestion | null {
  const found = OpenQuestion.safeParse(data.question);
  if (!found.success) return null;
  const { text, choices, takesText, onlyInTerminal } = found.data;
  return {
    text: line(text, MAX_QUESTION),
    choices: choices.slice(0, MAX_CHOICES).map((choice) => line(choice, MAX_CHOICE)),
    takesText,
    onlyInTerminal: onlyInTerminal === null ? null : line(onlyInTerminal, MAX_CHOICE),
  };
}

/** A name that is only a word for every shell. */
const SESSION_ID = /^[A-Za-z0-9][\w.-]{0,199}$/;

function commandOf(event: OrchestratorEvent, question: NotificationQuestion | null): string | null {
  const { sessionId, type } = event;
  if (isOfSeveral(event)) return "ao status";
  if (sessionId === null || !SESSION_ID.test(sessionId)) return null;
  if (question === null) return `${COMMANDS[type as EventType] ?? "ao explain"} ${sessionId}`;
  if (question.onlyInTerminal !== null) return `ao attach ${sessionId}`;
  return question.choices.length > 0 ? `ao answer ${sessionId}` : `ao answer ${sessionId} "…"`;
}

function linksOf(data: Record<string, unknown>, actions: readonly NotifyAction[]): NotificationLink[] {
  const label = typeof data.pr === "number" ? `Pull request #${data.pr}` : "Open";
  const given = [{ label, url: data.url }, ...actions];
  return given.flatMap((one) => {
    const url = safeUrl(one.url);
    return url === null ? [] : [{ label: line(one.label, 60), url }];
  });
}

const MAX_URL = 2_000;

/** As a browser would write it. Null for what is no plain web address. */
export function safeUrl(text: unknown): string | null {
  if (typeof text !== "string" || text.length > MAX_URL || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return null;
  // Characters that a chat's own notation for links would end at. A host has none of them, apart from brackets around IPv6.
  const rest = url.href.slice(url.origin.length).replace(/[|<>()[\]"'`\\^{}]/g, percent);
  const href = `${url.origin}${rest}`;
  return href.length > MAX_URL ? null : href;
}

const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

function boundedData(data: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(data);
  return Buffer.byteLength(text) > MAX_DATA_BYTES ? {} : (JSON.parse(text) as Record<string, unknown>);
}
