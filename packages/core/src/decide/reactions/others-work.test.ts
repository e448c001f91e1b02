import { activity, type Play, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, aReview, HEAD, HEAD2, startFacts } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { resolveReactions } from "../../model/config-reactions.ts";

const SEC = 1000;
const MIN = 60_000;
const AUTO = {
  openPr: "manual",
  reactions: resolveReactions({ "approved-and-green": { auto: true, action: "auto-merge" } }),
} as const;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const told = (run: Play) => run.did("notify").flatMap((each) => (each.kind === "notify" ? [each.notification] : []));

const fork = "rob/my-app";
const ofFork = aPr({ info: { ...aPr().info, fork } }).info;
const bare = { ci: "none", isCiAbsent: true, review: "none" } as const;
const approval = aReview({ id: "r2", state: "approved" });
const taken = (info = aPr().info) =>
  play(AUTO, { pr: { taken: { info, at: null } }, branch: info.branch })
    .at(0, { kind: "admitted" })
    .at(0, { kind: "pr-taken", snapshot: aPr({ ...bare, info }), branch: info.branch, body: "" })
    .at(1, ...startFacts().map(({ at: _, ...fact }) => fact as TestFact));
const rest = (run: Play) => run.at(1 * SEC, activity("ready", 1 * SEC));

describe("auto-merge of what others wrote", () => {
  test.each([
    ["was taken over", aPr().info],
    ["comes from a fork", ofFork],
  ])("merges nothing that %s before a person with write access has approved this head", (origin, info) => {
    const run = rest(taken(info));
    run.at(2 * SEC, pr({ ...bare, info })).until(30 * MIN);
    expect(run.did("merge")).toEqual([]);
    const why = `it ${origin}, and nobody with write access has approved this head`;
    expect(told(run).some(({ event }) => event.message.includes(why))).toBe(true);
    for (const changes of [{ isTrusted: false }, { headSha: HEAD2 }, { state: "dismissed" }] as const) {
      run.at(31 * MIN, pr({ ...bare, info, reviews: [{ ...approval, ...changes }] }));
    }
    expect(run.did("merge")).toEqual([]);
    run
      .at(32 * MIN, pr({ ...bare, info, reviews: [approval] }))
      .at(33 * MIN, pr({ ...bare, info, reviews: [approval] }));
    expect(run.did("merge")).toMatchObject([{ headSha: HEAD }]);
  });

  test("merges nothing before its agent has ended a turn on it", () => {
    const run = taken(ofFork).at(1 * SEC, pr({ ...bare, info: ofFork, reviews: [approval] }));
    expect(run.did("merge")).toEqual([]);
    run.at(5 * SEC, activity("ready", 5 * SEC)).at(6 * SEC, pr({ ...bare, info: ofFork, reviews: [approval] }));
    expect(run.did("merge")).toMatchObject([{ headSha: HEAD }]);
  });

  test("merges its own pull request as ever", () => {
    const own = rest(playRunning(AUTO)).at(2 * SEC, pr(bare));
    expect(own.did("merge")).toHaveLength(1);
  });
});
