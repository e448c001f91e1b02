import { z } from "zod";
import { Priority } from "./status.ts";
import { Iso } from "./time.ts";

/** An address that helps. */
export const NotificationLink = z.looseObject({
  label: z.string().describe("What it leads to."),
  url: z.string().describe("An http or https address without user and password."),
});
export type NotificationLink = z.infer<typeof NotificationLink>;

/** What an agent asks. The texts are the agent's. */
export const NotificationQuestion = z.looseObject({
  text: z.string().describe("The question, on one line."),
  choices: z.array(z.string()).describe("In the agent's order. The first one is number 1."),
  takesText: z.boolean().describe("It can be answered in your own words."),
  onlyInTerminal: z.string().nullable().describe("Why only the terminal can answer it."),
});
export type NotificationQuestion = z.infer<typeof NotificationQuestion>;

/** What the user can do about a notification. */
export interface NotifyAction {
  label: string;
  /** A page that helps. Absent: the action is carried out by ao. */
  url?: string;
  /** Names the action to ao: what `listen` passes back, unchanged. Made by core, see model/callback.ts. It holds no secret. */
  callbackEndpoint?: string;
}

/** One of several notifications that come as one, in `data.notices` of the event. The oldest is first. */
export const NoticeOfSeveral = z.looseObject({
  id: z.string().describe("What this one would have had by itself."),
  ts: Iso.describe("When it happened, in UTC."),
  type: z.string().describe("An event's type."),
  priority: Priority.describe("How soon it matters."),
  projectId: z.string().nullable().describe("The project."),
  sessionId: z.string().nullable().describe("The session."),
  message: z.string().describe("What happened, and why."),
  data: z.record(z.string(), z.unknown()).describe("The facts behind the event."),
  actions: z
    .array(z.object({ label: z.string(), url: z.string().optional(), callbackEndpoint: z.string().optional() }))
    .describe("What can be pressed, where the channel has buttons."),
});
export type NoticeOfSeveral = z.infer<typeof NoticeOfSeveral>;

/** What `data.session` of an event for a channel says of the session. */
export const NoticeSession = z.looseObject({
  title: z.string().nullable().describe("The issue's title, or what it was spawned with."),
  agent: z.string().describe("The agent."),
  branch: z.string().describe("Its branch."),
  issueUrl: z.string().nullable().describe("The issue's page."),
});
export type NoticeSession = z.infer<typeof NoticeSession>;

/**
 * An event as other programs get it: a webhook's receiver, a notifier's program. Members may be added, and `version` changes when one
 * changes its meaning. All texts but those in `data` are one line, without control characters. They may contain words of strangers.
 */
export const NotificationDocument = z.looseObject({
  version: z.literal(1).describe("Of this format."),
  id: z.string().describe("The same whenever this notification is sent again."),
  ts: Iso.describe("When it happened, in UTC."),
  type: z.string().describe("An event's type (docs/events.md), or `notify.test`. There may be new ones."),
  priority: Priority.describe("How soon it matters."),
  projectId: z.string().nullable().describe("The project."),
  sessionId: z.string().nullable().describe("The session."),
  title: z.string().describe("Who needs what, in a few words."),
  message: z.string().describe("What happened, and why."),
  question: NotificationQuestion.nullable().describe("What the agent asks."),
  links: z.array(NotificationLink).describe("Where to look."),
  command: z.string().nullable().describe("The command that helps, to be run by you."),
  data: z.record(z.string(), z.unknown()).describe("The facts behind the event. Empty if they are too large."),
});
export type NotificationDocument = z.infer<typeof NotificationDocument>;

/** As a JSON schema, for schema/notification.schema.json. */
export function notificationSchemaText(): string {
  const schema = z.toJSONSchema(NotificationDocument, { target: "draft-2020-12" });
  return `${JSON.stringify({ title: "A notification of ao", ...schema }, null, 2)}\n`;
}
