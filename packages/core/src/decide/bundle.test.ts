import { play, playRunning } from "@agent-orchestrator/testkit/play";
import { expect, test } from "vitest";
import type { EventType } from "../model/event.ts";
import type { Priority } from "../model/status.ts";
import { bundleNotices, type Planned } from "./bundle.ts";

const stuck = (sessionId: string): Planned[] =>
  playRunning({}, { id: sessionId })
    .until(600_000)
    .did("notify")
    .map((action) => ({ sessionId, action }));

test("what falls due at once for several sessions comes as one notification that names each", () => {
  const start: Planned = { sessionId: "app-9", action: { kind: "interrupt", key: "interrupt:app-9:x" } };
  const [passed, bundled, ...others] = bundleNotices([...stuck("app-1"), start, ...stuck("app-2")]);
  expect(passed).toBe(start);
  expect(others).toEqual([]);
  expect(bundled?.action).toMatchObject({ kind: "notify", notification: { event: { priority: "urgent" } } });
  const message = bundled?.action.kind === "notify" ? bundled.action.notification.event.message : "";
  expect(message).toMatch(/^2 sessions need you: app-1: .* · app-2: /);
});

test("what is only worth knowing needs nobody, and only those count that do", () => {
  const of = (sessionId: string, type: EventType, priority: Priority): Planned => {
    const event = { type, priority, message: `${sessionId}: ${type}`, data: {} };
    const notification = { event, cause: type, settleMs: 0, whileStatus: null };
    return { sessionId, action: { kind: "notify", key: `${sessionId}:${type}`, notification } };
  };
  const words = (...notices: Planned[]) =>
    bundleNotices(notices).map(({ action }) => action.kind === "notify" && action.notification.event.message);
  const news = [of("app-1", "session.spawned", "info"), of("app-1", "session.working", "info")] as const;
  expect(words(...news)).toEqual(["1 session has news: app-1: session.spawned · app-1: session.working"]);
  expect(words(news[0], of("app-2", "limit.warning", "warning"))[0]).toMatch(/^2 sessions have news: /);
  expect(words(...news, of("app-2", "session.stuck", "urgent"))[0]).toMatch(/^1 session needs you: /);
  expect(words(of("app-3", "merge.ready", "action"), ...stuck("app-2"))[0]).toMatch(/^2 sessions need you: /);
});

test("a single notification stays what it is", () => {
  expect(bundleNotices(stuck("app-1"))).toEqual(stuck("app-1"));
  expect(bundleNotices(play().actions.map((action) => ({ sessionId: "app-1", action })))).toEqual([]);
});
