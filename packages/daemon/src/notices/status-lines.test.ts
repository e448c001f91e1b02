import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { quietHours, silentForges } from "./status-lines.ts";

test("an outage of a forge is one line for all its sessions, once it is more than a hiccup", () => {
  const silent = (id: string, ms: number, prUnansweredWhy: string) =>
    aRecord({ id, pr: { unansweredSince: iso(ms), unansweredWhy: prUnansweredWhy } });
  const sessions = {
    "app-1": silent("app-1", 30_000, "GitHub answered 503"),
    "app-2": silent("app-2", 0, "GitHub answered 503"),
    "app-3": aRecord({ id: "app-3" }),
  };
  expect(silentForges(sessions, Date.parse(iso(59_000)))).toEqual([]);
  expect(silentForges(sessions, Date.parse(iso(180_000)))).toMatchObject([
    { text: "nothing new is known of the pull requests of my-app: GitHub answered 503 (for 3 m)" },
  ]);
});

test("quiet hours have a line while it is quiet, with what they hold, for each config that has its own", () => {
  const night = { from: 22 * 60, to: 7 * 60, timezone: "UTC", except: ["urgent" as const] };
  const config = (id: string, quiet: typeof night | null) => ({ id, dir: `/home/ann/${id}`, quiet });
  const notice = (key: string, instanceId: string, priority: "urgent" | "action") => ({
    ...{ key, sessionId: "app-1", projectId: "app", instanceId, createdAt: iso(0), dueAt: null, whileStatus: null },
    event: { type: "review.pending", priority, message: "", data: {} },
    ...{ attentionSince: null, deliveredAt: null, reminders: 0, channels: { "memory#1": "waiting" as const } },
  });
  const notices = {
    a: notice("a", "one", "action"),
    b: notice("b", "two", "action"),
    c: notice("c", "one", "urgent"),
    d: notice("d", "three", "action"),
  };
  const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
  const both = [config("one", night), config("two", night)];
  expect(quietHours(both, notices, at("21:59"))).toEqual([]);
  const hint = "`ao notify log` lists them.";
  expect(quietHours(both, notices, at("23:00"))).toEqual([
    { level: "info", text: "quiet hours for another 8 h, 2 notifications are held", hint },
  ]);
  expect(quietHours([config("one", night), config("three", null)], notices, at("23:30"))).toEqual([
    { level: "info", text: "quiet hours of one for another 7 h 30 m, 1 notification is held", hint },
  ]);
  expect(quietHours(both, {}, at("06:59"))).toEqual([{ level: "info", text: "quiet hours for another 1 m" }]);
  expect(
    quietHours(
      [config("one", { ...night, except: ["urgent", "action", "warning", "info"] as never })],
      notices,
      at("23:00"),
    ),
  ).toEqual([]);
});
