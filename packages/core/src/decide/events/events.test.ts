import { activity, exited, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import {
  aCheck,
  aComment,
  aPr,
  aReview,
  aWork,
  HEAD,
  HEAD2,
  iso,
  someLimits,
} from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { EVENT_PRIORITY, type EventType } from "../../model/event.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { allComplete } from "../queue.ts";

const SEC = 1000;
const MIN = 60_000;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const log: TestFact = { kind: "check-log", headSha: HEAD, key: "test#1", log: "not ok" };
const red = pr({ ci: "failing", checks: [aCheck()] });
const resting = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const bot = aComment({ id: "b1", author: "bugbot", isBot: true });
const accept = (run: Play, ms: number): Play =>
  run.at(ms, { kind: "message-accepted", id: run.record.messages.list[0]?.id ?? "" });
const sentRed = (): Play =>
  accept(
    resting()
      .at(2 * SEC, red)
      .at(3 * SEC, log),
    4 * SEC,
  );
const green = { ci: "passing", review: "approved" } as const;
const merged = (): Play =>
  resting()
    .at(2 * SEC, pr(green), { kind: "wish-merge", headSha: HEAD, method: null })
    .at(3 * SEC, { kind: "merged", headSha: HEAD });

const used = (usd: number): TestFact => ({
  kind: "usage",
  usage: { key: "a", models: [{ model: "m", usd, tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 } }] },
});
const limited = (): Play => resting({ limits: someLimits({ usd: { session: 1 } }) }).at(2 * SEC, used(2));
const usageLimit: TestFact = {
  kind: "activity",
  launch: 1,
  activity: {
    ...{ state: "limited", since: iso(5), source: "hook", evidence: "You have reached your limit" },
    limit: { resetsAt: iso(60 * MIN) },
  },
};

/** For every declared event, a life in which it happens. */
const LIVES: Record<Exclude<EventType, "summary.all_complete" | `notify.${string}`>, () => Play> = {
  "session.spawned": () => playRunning(),
  "session.working": () => playRunning(),
  "session.idle": () => resting(),
  "session.exited": () => playRunning().at(5, exited(5, 0)),
  "session.killed": () => playRunning().at(5, { kind: "runtime-lost", launch: 1, reason: "gone" }),
  "session.errored": () => playRunning().at(5, exited(5, 1)),
  "session.stuck": () => playRunning().until(10 * MIN),
  "session.needs_input": () => playRunning().at(5, activity("waiting_input", 5)),
  "reaction.triggered": () => sentRed(),
  "reaction.escalated": () =>
    resting()
      .at(2 * SEC, pr({ hasConflicts: true }))
      .until(16 * MIN),
  "pr.created": () => resting().at(2 * SEC, pr()),
  "pr.updated": () =>
    resting()
      .at(2 * SEC, pr())
      .at(3 * SEC, pr({ headSha: HEAD2 })),
  "pr.closed": () =>
    resting()
      .at(2 * SEC, pr())
      .at(3 * SEC, { kind: "pr-none" }),
  "repository.config_changed": () =>
    resting()
      .at(2 * SEC, { kind: "work", work: aWork({ at: iso(2 * SEC), sharedConfig: { "user.name": "1" } }) })
      .at(3 * SEC, { kind: "work", work: aWork({ at: iso(3 * SEC), sharedConfig: { "user.name": "2" } }) }),
  "pr.merged": merged,
  "merge.completed": merged,
  "merge.ready": () => resting().at(2 * SEC, pr(green)),
  "merge.conflicts": () => resting().at(2 * SEC, pr({ hasConflicts: true })),
  "ci.failing": () => resting().at(2 * SEC, red),
  "ci.blocked": () =>
    resting().at(2 * SEC, pr({ ci: "pending", checks: [aCheck({ status: "pending", problem: "go: not found" })] })),
  "ci.passing": () =>
    resting()
      .at(2 * SEC, pr())
      .at(3 * SEC, pr({ ci: "passing" })),
  "ci.fix_sent": sentRed,
  "ci.fix_failed": () =>
    sentRed()
      .at(5 * SEC, activity("active", 5 * SEC))
      .at(6 * SEC, activity("ready", 6 * SEC))
      .at(7 * SEC, { kind: "work", work: aWork({ at: iso(7 * SEC) }) })
      .until(70 * SEC),
  "review.pending": () => resting().at(2 * SEC, pr({ ci: "passing" })),
  "attention.needed": () =>
    playRunning()
      .at(1 * SEC, exited(1 * SEC, 0))
      .at(2 * SEC, { kind: "work", work: aWork({ at: iso(2 * SEC) }) }),
  "review.approved": () => resting().at(2 * SEC, pr(green)),
  "review.changes_requested": () => resting().at(2 * SEC, pr({ review: "changes_requested", reviews: [aReview()] })),
  "review.comments_sent": () =>
    accept(resting().at(2 * SEC, pr({ review: "changes_requested", reviews: [aReview()] })), 3 * SEC),
  "message.unconfirmed": () =>
    resting()
      .at(2 * SEC, { kind: "wish-send", message: { id: "m1", text: "do it", isUrgent: false } })
      .at(3 * SEC, { kind: "message-unconfirmed", id: "m1", doubt: "writing it came to no end" }),
  "limit.warning": () => resting().at(2 * SEC, used(20)),
  "limit.reached": limited,
  "limit.lifted": () => limited().at(3 * SEC, { kind: "wish-grant" }),
  "agent.limited": () => playRunning().at(5, usageLimit),
  "agent.limit_ended": () =>
    playRunning()
      .at(5, usageLimit)
      .until(61 * MIN),
  "automated_review.found": () => resting().at(2 * SEC, pr({ botComments: [bot] })),
  "automated_review.fix_sent": () =>
    accept(resting({ trustedBots: ["bugbot"] }).at(2 * SEC, pr({ botComments: [bot] })), 3 * SEC),
};

const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});

const CASES = Object.entries(LIVES) as [EventType, () => Play][];

test.each(CASES)("%s happens, with a line for people and the facts that caused it", (type, live) => {
  const run = live();
  const event = run.events.find((each) => each.type === type);
  expect(event?.message).toMatch(/^app-1\b/);
  expect(Object.keys(event?.data ?? {}).length).toBeGreaterThan(0);
});

test("every declared event has a life in which it happens, but for those of no session", () => {
  const ofNone = ["summary.all_complete", "notify.delivered", "notify.acted", "notify.failed"];
  expect(new Set([...CASES.map(([type]) => type), ...ofNone])).toEqual(new Set(Object.keys(EVENT_PRIORITY)));
});

test("summary.all_complete is told when every session has ended, once", () => {
  const ended = merged().record;
  expect(allComplete(stateOf(ended))).toMatchObject({
    type: "summary.all_complete",
    message: "1 session has ended: 1 merged",
  });
  expect(allComplete(stateOf(ended, { ...playRunning().record, id: "app-2" }))).toBeNull();
  expect(allComplete({ ...stateOf(ended), isAllCompleteTold: true })).toBeNull();
  expect(allComplete(stateOf())).toBeNull();
});

test("a snapshot that says nothing new makes no event and no change", () => {
  const run = resting().at(2 * SEC, pr(green));
  const before = run.record;
  const count = run.events.length;
  expect(run.at(3 * SEC, pr(green)).record).toBe(before);
  expect(run.events).toHaveLength(count);
});

test("what strangers wrote reaches an event's line without control characters and in one line", () => {
  const hostile = aPr({ ...green });
  hostile.info.title = "nice\u001b]0;pwned\u0007\nsecond\u202eline";
  const run = resting().at(2 * SEC, { kind: "pr", snapshot: hostile });
  for (const event of run.events) expect(event.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
