import { activity, exited, type Play, play, playRunning } from "@agent-orchestrator/testkit/play";
import { aCheck, aComment, aPr, aReview, aWork, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { SessionStatus } from "../model/status.ts";
import { deriveStatus, STATUS_RULES } from "./status.ts";

const MIN = 60_000;
const kill = { kind: "wish-kill", remove: false, by: "user", reason: "ao kill" } as const;
const pr = (changes: Parameters<typeof aPr>[0]) => ({ kind: "pr", snapshot: aPr(changes) }) as const;
const work = (ms: number, changes: Parameters<typeof aWork>[0] = {}) =>
  ({ kind: "work", work: aWork({ at: iso(ms), ...changes }) }) as const;
const resting = (policy = {}) => playRunning(policy).at(1000, activity("ready", 1000));
const ready = { ci: "passing", review: "approved" } as const;

interface Case {
  status: SessionStatus;
  rule: string;
  when: string;
  play: () => Play;
}

const CASES: Case[] = [
  { status: "queued", rule: "queued", when: "nothing started it", play: () => play().at(0) },
  { status: "spawning", rule: "start-runs", when: "its start runs", play: () => play().at(0, { kind: "admitted" }) },
  { status: "working", rule: "working", when: "its agent runs", play: () => playRunning() },
  { status: "killed", rule: "ended", when: "the user killed it in the queue", play: () => play().at(0, kill) },
  {
    status: "killed",
    rule: "ended",
    when: "its runtime is gone",
    play: () => playRunning().at(5, { kind: "runtime-lost", launch: 1, reason: "the tmux server is gone" }),
  },
  {
    status: "terminated",
    rule: "ended",
    when: "ao ended it for its own reason",
    play: () =>
      playRunning()
        .at(5, { kind: "wish-remove", reason: "limit" })
        .at(6, { kind: "stopped", launch: 1 })
        .at(7, {
          kind: "effect-failed",
          key: "remove:app-1:1",
          action: "remove",
          failure: { code: "NO_SPACE", message: "full" },
        }),
  },
  {
    status: "needs_input",
    rule: "turn-failed",
    when: "its turn ended with an error",
    play: () => {
      const rest = { state: "ready", since: iso(5), source: "protocol", evidence: "" } as const;
      const failure = { kind: "credit", text: "402 no credit" } as const;
      return playRunning().at(5, { kind: "activity", launch: 1, activity: { ...rest, failure } });
    },
  },
  {
    status: "errored",
    rule: "ended",
    when: "its start failed",
    play: () =>
      play()
        .at(0, { kind: "admitted" })
        .at(1, { kind: "start-failed", launch: 1, step: "post-create", failure: { code: "FAILED", message: "no" } }),
  },
  {
    status: "errored",
    rule: "ended",
    when: "it exits with an error and no open pull request",
    play: () => playRunning().at(5, exited(5, 2)),
  },
  {
    status: "pr_open",
    rule: "pr-open",
    when: "it exits with an error and has an open pull request",
    play: () =>
      playRunning()
        .at(4, pr({ review: "none" }))
        .at(5, exited(5, 2)),
  },
  {
    status: "merged",
    rule: "ended",
    when: "its pull request was merged",
    play: () =>
      playRunning()
        .at(4, pr({}))
        .at(5, pr({ state: "merged" })),
  },
  {
    status: "done",
    rule: "ended",
    when: "it exits with 0 and nothing to show",
    play: () => playRunning().at(5, exited(5, 0)).at(9, work(9)),
  },
  {
    status: "done",
    rule: "ended",
    when: "it said so and has no commits",
    play: () => playRunning().at(5, { kind: "reported", state: "done", note: null }).at(9, work(9)),
  },
  {
    status: "working",
    rule: "exit-unjudged",
    when: "it exits with 0 and nobody has looked at the checkout",
    play: () => playRunning().at(5, exited(5, 0)),
  },
  {
    status: "stuck",
    rule: "agent-gone",
    when: "it exits with 0 and left commits",
    play: () =>
      playRunning()
        .at(5, exited(5, 0))
        .at(9, work(9, { commitsAhead: 1, headSha: null })),
  },
  {
    status: "stuck",
    rule: "agent-gone",
    when: "it exits with 0 and the checkout cannot be inspected",
    play: () =>
      playRunning()
        .at(5, exited(5, 0))
        .at(9, { kind: "unanswered", question: "work", failure: { code: "FAILED", message: "?" } }),
  },
  {
    status: "stuck",
    rule: "agent-gone",
    when: "nobody knows its exit status",
    play: () => playRunning().at(5, exited(5, null)).at(9, work(9)),
  },
  {
    status: "stuck",
    rule: "agent-interrupted",
    when: "it does not survive an interrupt by the user",
    play: () =>
      playRunning()
        .at(1, activity("active", 1))
        .at(2, { kind: "wish-interrupt" })
        .at(3, exited(3, 130))
        .at(9, work(9, { changedFiles: 1 })),
  },
  {
    status: "stuck",
    rule: "no-progress",
    when: "a turn shows nothing for 10 minutes",
    play: () => playRunning().at(10 * MIN),
  },
  {
    status: "cleanup",
    rule: "removal-runs",
    when: "its removal runs",
    play: () => play().at(0, { ...kill, remove: true }),
  },
  {
    status: "needs_input",
    rule: "question-open",
    when: "a question is open",
    play: () => playRunning().at(5, activity("waiting_input", 5)),
  },
  {
    status: "ci_failed",
    rule: "ci-failing",
    when: "a required check fails",
    play: () => resting().at(5000, pr({ ci: "failing", checks: [aCheck()] })),
  },
  {
    status: "changes_requested",
    rule: "changes-requested",
    when: "a reviewer asks for changes",
    play: () => resting().at(5000, pr({ ci: "passing", review: "changes_requested", reviews: [aReview()] })),
  },
  { status: "mergeable", rule: "mergeable", when: "all is well", play: () => resting().at(5000, pr(ready)) },
  {
    status: "mergeable",
    rule: "mergeable",
    when: "no review is required and nothing is open",
    play: () => resting().at(5000, pr({ ci: "passing", review: "none" })),
  },
  {
    status: "mergeable",
    rule: "mergeable",
    when: "the scm is sure that no check will come",
    play: () => resting().at(5000, pr({ ci: "none", isCiAbsent: true, review: "approved" })),
  },
  {
    status: "approved",
    rule: "in-merge-queue",
    when: "it is in its base's merge queue",
    play: () => resting().at(5000, pr({ ...ready, mergeQueue: { position: 1, left: null } })),
  },
  {
    status: "pr_open",
    rule: "in-merge-queue",
    when: "it is in a merge queue and needed no review",
    play: () => resting().at(5000, pr({ ci: "passing", review: "none", mergeQueue: { position: 1, left: null } })),
  },
  {
    status: "approved",
    rule: "approved",
    when: "approved with checks pending",
    play: () => resting().at(5000, pr({ ...ready, ci: "pending" })),
  },
  {
    status: "approved",
    rule: "approved",
    when: "approved with a conflict",
    play: () => resting().at(5000, pr({ ...ready, hasConflicts: true })),
  },
  {
    status: "review_pending",
    rule: "review-pending",
    when: "a review is required",
    play: () => resting().at(5000, pr({ ci: "passing", review: "pending" })),
  },
  {
    status: "pr_open",
    rule: "pr-open",
    when: "it is a draft",
    play: () => resting().at(5000, pr({ ...ready, state: "draft" })),
  },
  {
    status: "pr_open",
    rule: "pr-open",
    when: "no review is required and the pull request has open comments",
    play: () => resting().at(5000, pr({ ci: "passing", review: "none", comments: [aComment()] })),
  },
  {
    status: "working",
    rule: "working",
    when: "its pull request was closed unmerged",
    play: () =>
      resting()
        .at(5000, pr({ ...ready }))
        .at(6000, pr({ ...ready, state: "closed" })),
  },
];

describe("the status table", () => {
  test.each(CASES)("$status ($rule) when $when", ({ status, rule, play: run }) => {
    const { record } = run();
    expect([record.status, record.statusRule]).toEqual([status, rule]);
  });

  test("has a case for every status and every rule", () => {
    expect(new Set(CASES.map((each) => each.status))).toEqual(new Set(SessionStatus.options));
    expect(new Set(CASES.map((each) => each.rule))).toEqual(new Set(STATUS_RULES.map((each) => each.rule)));
  });
});

test("a pull request that cannot be read is not taken for one that is not there", () => {
  const failure = { code: "UNREACHABLE" as const, message: "pull request 1 could not be read: no route to host" };
  const run = resting().at(2000, { kind: "unanswered", question: "pr", failure });
  expect(deriveStatus(run.record, run.context).because).toBe(
    "the agent is idle; pull request 1 could not be read: no route to host",
  );
  expect(run.record.attention).toMatchObject({ level: "info", reason: failure.message });
  const answered = run.at(3000, { kind: "pr-none" });
  expect(deriveStatus(answered.record, answered.context).because).toBe(
    "the agent is idle, and there is no pull request",
  );
  expect(answered.record.attention).toBeNull();
});
