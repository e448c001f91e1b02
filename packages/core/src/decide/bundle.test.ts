import { play, playRunning } from "@agent-orchestrator/testkit/play";
import { expect, test } from "vitest";
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
  expect(message).toMatch(/^2 sessions need you: app-1 .* · app-2 /);
});

test("a single notification stays what it is", () => {
  expect(bundleNotices(stuck("app-1"))).toEqual(stuck("app-1"));
  expect(bundleNotices(play().actions.map((action) => ({ sessionId: "app-1", action })))).toEqual([]);
});
