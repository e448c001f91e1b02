import { aRecord } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { EventType } from "../../model/event.ts";
import type { Notice } from "../../model/notice.ts";
import type { Priority } from "../../model/status.ts";
import { compose } from "./compose.ts";

const of = (sessionId: string, type: EventType, priority: Priority): Notice => ({
  ...{ key: `${sessionId}:${type}`, sessionId, projectId: "my-app", instanceId: "i", createdAt: aRecord().createdAt },
  event: { type, priority, message: `${sessionId}: ${type}`, data: { pr: 1 } },
  ...{ dueAt: null, whileStatus: null, attentionSince: null, deliveredAt: null, reminders: 0, channels: {} },
});
const sessions = Object.fromEntries(["app-1", "app-2"].map((id) => [id, aRecord({ id })]));
const words = (...notices: Notice[]) => compose(notices, sessions)?.event.message;

test("several come as one event that names each and keeps each, with what can be pressed", () => {
  const notices = [of("app-1", "limit.warning", "action"), of("app-2", "session.stuck", "urgent")];
  const event = compose(notices, sessions)?.event;
  expect(event).toMatchObject({
    ...{ id: "app-1:limit.warning+1", priority: "urgent", sessionId: null, projectId: "my-app" },
    message: "2 sessions need you: app-1: limit.warning · app-2: session.stuck",
  });
  expect(event?.data.notices).toMatchObject([
    { id: "app-1:limit.warning", sessionId: "app-1", data: { pr: 1, session: { agent: "command" } } },
    { id: "app-2:session.stuck", actions: [] },
  ]);
});

test("what is only worth knowing needs nobody, and only those count that do", () => {
  const news = [of("app-1", "session.spawned", "info"), of("app-1", "session.working", "info")] as const;
  expect(words(...news)).toBe("1 session has news: app-1: session.spawned · app-1: session.working");
  expect(words(news[0], of("app-2", "limit.warning", "warning"))).toMatch(/^2 sessions have news: /);
  expect(words(...news, of("app-2", "session.stuck", "urgent"))).toMatch(/^1 session needs you: /);
});

test("a single one stays what it is", () => {
  const { event } = compose([of("app-1", "session.stuck", "urgent")], sessions) ?? {};
  expect(event).toMatchObject({ id: "app-1:session.stuck", sessionId: "app-1", message: "app-1: session.stuck" });
  expect(compose([], sessions)).toBeNull();
});
