import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, HEAD, HEAD2 } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { resolveReactions } from "../../model/config-reactions.ts";
import type { PRSnapshot } from "../../model/pull-request.ts";

const SEC = 1_000;
const MIN = 60_000;
const AUTO = { reactions: resolveReactions({ "approved-and-green": { auto: true, action: "auto-merge" } }) };
type Queue = NonNullable<PRSnapshot["mergeQueue"]>;
const REMOVED = { id: "e1", reason: "failed checks", checks: ["test"] };

/** The approved pull request as the scm sees it, at a place in the queue or outside of it. */
const pr = (position: number | null, left: Queue["left"] = null, more: Partial<PRSnapshot> = {}): TestFact => ({
  kind: "pr",
  snapshot: aPr({ ci: "passing", review: "approved", mergeQueue: { position, left }, ...more }),
});
const queued = (headSha = HEAD): TestFact => ({ kind: "merge-queued", headSha });
/** Idle, approved, and to be merged by the user. */
const ready = (policy: Parameters<typeof playRunning>[0] = {}) =>
  playRunning(policy)
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, pr(null));
const merging = () => ready().at(3 * SEC, { kind: "wish-merge", headSha: HEAD, method: null });
const reasonOf = (run: Play) => run.record.attention?.reason;
const sent = (run: Play) => run.record.messages.list.map(({ text }) => text);

describe("a pull request in the merge queue", () => {
  test("says so with its position, and is not ready to merge any more", () => {
    const run = merging().at(4 * SEC, queued(), pr(2));
    expect(run.record).toMatchObject({ status: "approved", statusRule: "in-merge-queue", pr: { merging: null } });
    expect(run.record.pr.queued).toMatchObject({ by: "user", headSha: HEAD });
    expect(reasonOf(run)).toBeUndefined();
    run.at(5 * SEC, pr(1)).at(60 * MIN);
    expect(run.did("merge")).toHaveLength(1);
  });

  test("is merged by whoever put it there, when the scm says so", () => {
    const run = merging()
      .at(4 * SEC, queued(), pr(1))
      .at(5 * SEC, pr(null, null, { state: "merged" }));
    expect(run.record).toMatchObject({
      status: "merged",
      pr: { mergedBy: "user", queued: null },
      ending: { by: "user" },
    });
    const byOthers = ready()
      .at(4 * SEC, pr(1))
      .at(5 * SEC, pr(null, null, { state: "merged" }));
    expect(byOthers.record).toMatchObject({ status: "merged", pr: { mergedBy: null }, ending: { by: "world" } });
  });

  test("that was removed is told to the user and, if checks failed there, to the agent, once", () => {
    const run = merging()
      .at(4 * SEC, queued(), pr(1))
      .at(5 * SEC, pr(null, REMOVED))
      .at(6 * SEC, pr(null, REMOVED));
    expect(run.record).toMatchObject({ status: "mergeable", pr: { queued: null } });
    expect(reasonOf(run)).toBe("merging failed: it was removed from the merge queue: failed checks (test)");
    expect(run.events.filter(({ type }) => type === "pr.updated").map(({ message }) => message)).toEqual([
      "app-1: PR 7 is in the merge queue, at position 1",
      "app-1: PR 7 is not in the merge queue any more",
    ]);
    expect(sent(run)).toEqual([
      expect.stringMatching(/#7 was removed from the merge queue: failed checks.*there: test/),
    ]);
    // A new head is another matter, and what was said of the old one is over.
    run.at(10 * MIN, pr(null, REMOVED, { headSha: HEAD2 }));
    expect(reasonOf(run)).toMatch(/^ready to merge/);
  });

  test("that was removed for another reason is the user's business alone", () => {
    const run = merging()
      .at(4 * SEC, queued(), pr(1))
      .at(5 * SEC, pr(null, { id: "e1", reason: "merge conflict", checks: [] }));
    expect(reasonOf(run)).toBe("merging failed: it was removed from the merge queue: merge conflict");
    expect(sent(run)).toEqual([]);
  });

  test("is not taken for removed because of an earlier removal, or before the scm lists it", () => {
    const run = playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, pr(null, REMOVED))
      .at(3 * SEC, { kind: "wish-merge", headSha: HEAD, method: null })
      .at(4 * SEC, queued(), pr(null, REMOVED));
    expect(run.record.statusRule).toBe("in-merge-queue");
    run.at(4 * MIN, pr(1, REMOVED));
    expect(run.record.pr.mergeFailure ?? null).toBeNull();
    const never = merging()
      .at(4 * SEC, queued())
      .until(6 * MIN);
    expect(reasonOf(never)).toBe("merging failed: it is not in the merge queue any more");
  });

  test("leaves it with new commits, and may be put there again", () => {
    const run = merging()
      .at(4 * SEC, queued(), pr(1))
      .at(5 * SEC, pr(null, REMOVED, { headSha: HEAD2 }));
    expect(run.record).toMatchObject({ status: "mergeable", pr: { queued: null } });
    expect(run.record.notes).toContain("PR 7 left the merge queue because its branch has new commits.");
    expect(sent(run)).toEqual([]);
    run.at(6 * SEC, { kind: "wish-merge", headSha: HEAD2, method: null }).at(7 * SEC, queued(HEAD2));
    expect(run.record).toMatchObject({ statusRule: "in-merge-queue" });
  });
});

test("auto-merge puts a head into the queue once, and leaves one that failed there to the agent and the user", () => {
  const run = ready(AUTO);
  expect(run.did("merge")).toMatchObject([{ headSha: HEAD, isAuto: true }]);
  run.at(3 * SEC, queued(), pr(1)).at(4 * SEC, pr(null, REMOVED));
  expect(sent(run)).toHaveLength(1);
  const id = run.record.messages.list[0]?.id ?? "";
  run.at(5 * SEC, { kind: "message-accepted", id }).at(6 * SEC, activity("active", 6 * SEC));
  run.at(20 * MIN, pr(null, REMOVED)).at(21 * MIN, activity("ready", 21 * MIN));
  expect(run.did("merge")).toHaveLength(1);
  run.at(22 * MIN, pr(null, REMOVED, { headSha: HEAD2 }));
  expect(run.did("merge")).toHaveLength(2);
  run.at(23 * MIN, queued(HEAD2), pr(1, REMOVED, { headSha: HEAD2 }));
  run.at(24 * MIN, pr(null, null, { headSha: HEAD2, state: "merged" }));
  expect(run.record).toMatchObject({ status: "merged", pr: { mergedBy: "ao" } });
});
