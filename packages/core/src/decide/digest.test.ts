import { iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { EVENT_PRIORITY } from "../model/event.ts";
import { DIGEST_EVENTS, digestOf } from "./digest.ts";

const event = (type: string, sessionId: string | null, more: object = {}) => ({
  ts: iso(0),
  type,
  sessionId,
  projectId: "my-app",
  message: `${sessionId}: it happened`,
  data: {},
  ...more,
});

test("reads only events that exist", () => {
  for (const type of DIGEST_EVENTS) expect(EVENT_PRIORITY).toHaveProperty(type);
});

test("a merge with two events is one line, and counts are counts", () => {
  const digest = digestOf([
    event("session.spawned", "app-1"),
    event("pr.created", "app-1"),
    event("session.needs_input", "app-1"),
    event("session.needs_input", "app-2"),
    event("ci.failing", "app-1"),
    event("ci.fix_sent", "app-1"),
    event("review.comments_sent", "app-1"),
    event("automated_review.fix_sent", "app-1"),
    event("merge.completed", "app-1", { data: { pr: 7 }, ts: iso(1000) }),
    event("pr.merged", "app-1", { data: { pr: 7 }, ts: iso(2000) }),
  ]);
  expect(digest.counts).toEqual({ started: 1, opened: 1, asked: 2, ciFailed: 1, fixesSent: 1, reviewsSent: 2 });
  expect(digest.merged).toEqual([
    { at: iso(1000), sessionId: "app-1", projectId: "my-app", pr: 7, text: "it happened" },
  ]);
  expect(digest.failed).toEqual([]);
});

test("a problem that comes again is told once, as it was last", () => {
  const stuck = (ts: string, message: string) => event("session.stuck", "app-1", { ts, message });
  const { failed } = digestOf([
    stuck(iso(0), "app-1: for 5 m"),
    stuck(iso(9000), "app-1: for 9 m"),
    event("session.errored", "app-1"),
  ]);
  expect(failed.map(({ text }) => text)).toEqual(["for 9 m", "it happened"]);
});

test("takes lines of other versions as they are", () => {
  const odd = {
    ts: iso(0),
    type: "pr.merged",
    sessionId: "app-1",
    projectId: null,
    message: "\u001b[31mred\n",
    data: null,
  };
  expect(digestOf([odd as never, event("pr.merged", null)]).merged).toEqual([
    { at: iso(0), sessionId: "app-1", projectId: null, pr: null, text: "red" },
  ]);
});
