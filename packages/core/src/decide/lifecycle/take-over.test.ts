import { activity, type Play, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aComment, aPr, aReview, HEAD2, iso, startFacts } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { PRSnapshot } from "../../model/pull-request.ts";

const SEC = 1000;
const MIN = 60_000;
const INFO = { ...aPr().info, branch: "feat/old", baseBranch: "develop" };
/** Red, with a conflict, a request for changes and a comment. */
const OLD: PRSnapshot = aPr({
  info: INFO,
  ci: "failing",
  checks: [aCheck()],
  hasConflicts: true,
  review: "changes_requested",
  reviews: [aReview()],
  comments: [aComment({ createdAt: iso() })],
});
const taken = (snapshot = OLD): TestFact => ({ kind: "pr-taken", snapshot, branch: "feat/old", body: "Why we do it." });
const log: TestFact = { kind: "check-log", headSha: OLD.headSha, key: "test#1", log: "not ok" };
const toAgent = (run: Play) => run.record.messages.list.filter(({ origin }) => origin === "reaction");

/** A session that was spawned for it: the state is read just before its program starts. */
function spawned(): Play {
  const facts = startFacts().map(({ at: _, ...fact }) => fact as TestFact);
  const [ready, ...launched] = facts;
  if (ready === undefined) throw new Error("no start");
  return play({}, { branch: "feat/old", pr: { taken: { info: INFO, at: null } } })
    .at(0, { kind: "admitted" })
    .at(0, ready)
    .at(1, taken())
    .at(2, ...launched)
    .at(1 * SEC, activity("ready", 1 * SEC));
}

describe("a session that takes over a pull request", () => {
  test("sends nothing of what was there before, however long it stays", () => {
    const run = spawned()
      .at(2 * SEC, log)
      .at(3 * SEC, { kind: "pr", snapshot: OLD })
      .until(10 * MIN);
    expect(toAgent(run)).toEqual([]);
    expect(run.record.pr.taken?.at).toBe(iso(1));
    expect(run.record).toMatchObject({ baseBranch: "develop", pr: { snapshot: { info: { number: 7 } } } });
  });

  test("sends what is new: another comment, and the same check on another head", () => {
    const comments = [...OLD.comments, aComment({ id: "c2", body: "And this?", createdAt: iso(2 * SEC) })];
    const run = spawned()
      .at(2 * SEC, { kind: "pr", snapshot: { ...OLD, comments } })
      .until(3 * MIN);
    const texts = toAgent(run).map(({ id }) => id);
    expect(texts).toEqual(["app-1-changes-requested-1"]);
    const pushed = spawned()
      .at(2 * SEC, { kind: "pr", snapshot: { ...OLD, headSha: HEAD2 } })
      .at(3 * SEC, { ...log, headSha: HEAD2 } as TestFact)
      .until(10 * SEC);
    expect(toAgent(pushed).map(({ reaction }) => reaction)).toContain("ci-failed");
  });

  test("tells the user of it as of any other problem that the agent leaves as it is", () => {
    const run = spawned().until(40 * MIN);
    expect(run.types()).toContain("reaction.escalated");
    expect(toAgent(run)).toEqual([]);
  });
});

describe("`ao claim`", () => {
  const claim: TestFact = { kind: "wish-claim", pr: INFO, branch: "feat/old" };
  const idle = () => playRunning().at(1 * SEC, activity("ready", 1 * SEC));

  test("is one action, and its result moves the session and tells the agent what it takes over", () => {
    const run = idle().at(2 * SEC, claim);
    expect(run.did("take-pr")).toMatchObject([{ pr: { number: 7 }, branch: "feat/old" }]);
    run.at(3 * SEC, taken()).until(10 * MIN);
    expect(run.record).toMatchObject({ branch: "feat/old", baseBranch: "develop", useExistingBranch: true });
    expect(run.record.notes).toContain("Its branch is feat/old now; it was feat/42.");
    expect(run.record.messages.list).toHaveLength(1);
    const [message] = run.record.messages.list;
    expect(message).toMatchObject({ origin: "system" });
    expect(message?.text).toContain("> Make it fast\n>\n> Why we do it.");
    expect(message?.text).toContain("> Please name it better.");
    expect(message?.text).toContain("src/a.js:3, ann");
    expect(message?.text).toContain("These checks fail on it: test. It conflicts with develop.");
  });

  test("does nothing for a session that has ended or has an open pull request", () => {
    expect(
      idle()
        .at(2 * SEC, { kind: "pr", snapshot: aPr() })
        .at(3 * SEC, claim)
        .did("take-pr"),
    ).toEqual([]);
    const killed: TestFact = { kind: "wish-kill", remove: false, by: "user", reason: "x" };
    expect(
      idle()
        .at(2 * SEC, killed)
        .at(3 * SEC, claim)
        .did("take-pr"),
    ).toEqual([]);
  });

  test("of a fork's says that nothing can be pushed, and opens no other pull request for its commits", () => {
    const fork = aPr({ info: { ...INFO, fork: "eve/shop" } });
    const run = playRunning({ isRemote: true })
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, { kind: "pr-taken", snapshot: fork, branch: "pr-7", body: "" })
      .at(3 * SEC, activity("active", 3 * SEC))
      .at(4 * SEC, { kind: "turn-ended", launch: 1 })
      .at(5 * SEC, {
        kind: "work",
        work: {
          ...{ branch: "pr-7", headSha: HEAD2, commitsAhead: 2, changedFiles: 0, unpushedCommits: 1 },
          ...{ operation: null, at: iso(5 * SEC) },
        },
      })
      .until(1 * MIN);
    expect(run.record.notes).toContain("PR 7 comes from eve/shop: what is committed on pr-7 cannot be pushed to it.");
    expect(run.record.messages.list[0]?.text).toContain("do not push and do not open another pull request");
    expect(run.did("open-pr")).toEqual([]);
  });
});
