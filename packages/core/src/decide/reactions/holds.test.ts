import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aComment, aPr, aReview, HEAD, HEAD2, iso, T0 } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { composeTaken } from "../message-texts/taken.ts";

const MIN = 60_000;
const SEC = 1000;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const conflict = (changes: Parameters<typeof aPr>[0] = {}): TestFact =>
  pr({ hasConflicts: true, ci: "passing", ...changes });
const resting = (policy = {}): Play => playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const count = (run: Play, type: string): number => run.types().filter((each) => each === type).length;
const unanswered: TestFact = { kind: "unanswered", question: "pr", failure: { code: "UNREACHABLE", message: "slow" } };

describe("holding reactions", () => {
  test("hands off: nothing is sent within 10 minutes of a human typing, and it shows", () => {
    const run = resting()
      .at(2 * SEC, { kind: "human-input" })
      .at(3 * SEC, conflict());
    expect(run.record.messages.list).toEqual([]);
    expect(run.record.episodes["merge-conflicts"]?.held).toContain("hands off");
    run.until(10 * MIN + 2 * SEC);
    expect(run.did("deliver")).toHaveLength(1);
    expect(run.record.episodes["merge-conflicts"]?.held).toBeNull();
  });

  test("a message that waits is held as well when a human begins to type", () => {
    const run = playRunning()
      .at(2 * SEC, conflict())
      .at(3 * SEC, { kind: "human-input" })
      .at(9 * SEC, activity("ready", 9 * SEC));
    expect(run.record.messages.list[0]).toMatchObject({ state: "held", heldFor: "human" });
  });

  test("paused: nothing is sent or escalated, and the clock starts again when it goes on", () => {
    const run = resting()
      .at(2 * SEC, { kind: "wish-pause", isPaused: true })
      .at(3 * SEC, conflict())
      .until(60 * MIN);
    expect(run.record.messages.list).toEqual([]);
    expect(count(run, "reaction.escalated")).toBe(0);
    expect(run.record.episodes["merge-conflicts"]?.held).toBe("paused");
    run.at(61 * MIN, { kind: "wish-pause", isPaused: false });
    expect(run.did("deliver")).toHaveLength(1);
    expect(count(run.until(75 * MIN), "reaction.escalated")).toBe(0);
    expect(count(run.until(77 * MIN), "reaction.escalated")).toBe(1);
  });

  test("time in which the scm did not answer does not count", () => {
    const run = resting()
      .at(2 * SEC, conflict())
      .at(10 * MIN, unanswered)
      .until(30 * MIN);
    expect(count(run, "reaction.escalated")).toBe(0);
    run.at(31 * MIN, conflict());
    expect(count(run.until(45 * MIN), "reaction.escalated")).toBe(0);
    expect(count(run.until(46 * MIN), "reaction.escalated")).toBe(1);
  });

  test("after a restart or sleep a full period passes first", () => {
    const run = resting()
      .at(2 * SEC, conflict())
      .until(10 * MIN);
    run.context = { ...run.context, watchedSinceMs: T0 + 60 * MIN };
    run.at(60 * MIN, { kind: "resumed-watch", because: "sleep" });
    expect(count(run, "reaction.escalated")).toBe(0);
    expect(count(run.until(74 * MIN), "reaction.escalated")).toBe(0);
    expect(count(run.until(75 * MIN), "reaction.escalated")).toBe(1);
  });
});

describe("merge-conflicts", () => {
  test("is sent once, whatever is committed meanwhile, and escalates once after 15 minutes", () => {
    const run = resting().at(2 * SEC, conflict());
    const [first] = run.record.messages.list;
    expect(first?.text).toContain("conflicts with main");
    run.at(3 * SEC, { kind: "message-accepted", id: first?.id ?? "" }).at(4 * SEC, activity("active", 4 * SEC));
    run.at(5 * SEC, conflict({ headSha: HEAD2 })).at(6 * SEC, activity("ready", 6 * SEC));
    expect(run.until(14 * MIN).record.messages.list).toHaveLength(1);
    expect(count(run.until(60 * MIN), "reaction.escalated")).toBe(1);
  });

  test("is sent again for another conflict: the old one was gone in between, or both sides moved in a turn", () => {
    const start = () => {
      const run = resting().at(2 * SEC, conflict());
      run.at(3 * SEC, { kind: "message-accepted", id: run.record.messages.list[0]?.id ?? "" });
      return run.at(4 * SEC, activity("active", 4 * SEC));
    };
    const gone = start()
      .at(5 * SEC, conflict({ headSha: HEAD2, hasConflicts: false }))
      .at(6 * SEC, activity("ready", 6 * SEC))
      .at(2 * MIN, conflict({ headSha: HEAD2, baseSha: "d".repeat(40) }));
    expect(gone.record.messages.list).toHaveLength(2);
    const moved = start()
      .at(5 * SEC, conflict({ headSha: HEAD2, baseSha: "d".repeat(40) }))
      .at(6 * SEC, activity("ready", 6 * SEC))
      .until(3 * MIN);
    expect(moved.record.messages.list).toHaveLength(2);
  });

  test("quotes the files and the base's commits, as far as they are known of this head", () => {
    const found = { files: ["a.ts", "> b.ts"], fileCount: 3, commits: ["1a2b3c4 Rename it"], commitCount: 12 };
    const details = { kind: "conflicts", headSha: HEAD, baseSha: "c".repeat(40), found } as const;
    const text = resting().at(2 * SEC, conflict(), details).record.messages.list[0]?.text ?? "";
    expect(text).toContain("The conflicts are in:\n> a.ts\n> > b.ts\n(and 1 more)");
    expect(text).toContain(
      "main has 12 commits that feat/42 lacks. The newest of them in these files:\n> 1a2b3c4 Rename it",
    );
    const unknown = resting().at(2 * SEC, conflict(), { ...details, found: null });
    expect(unknown.record.messages.list[0]?.text).not.toContain("The conflicts are in");
  });

  test("ends when the conflict is gone, and waits while that is not known", () => {
    const run = resting()
      .at(2 * SEC, conflict())
      .at(3 * SEC, conflict({ hasConflicts: null, headSha: HEAD2 }));
    expect(run.record.episodes["merge-conflicts"]).toBeDefined();
    expect(run.at(4 * SEC, conflict({ hasConflicts: false })).record.episodes["merge-conflicts"]).toBeUndefined();
  });
});

describe("changes-requested", () => {
  const asked = (changes: Parameters<typeof aPr>[0] = {}) =>
    pr({ ci: "passing", review: "changes_requested", reviews: [aReview()], comments: [aComment()], ...changes });

  test("a submitted review is sent at once, with place, code, author, words and address", () => {
    const comments = [aComment({ code: "let a = 1;", body: "Why twice?\nSay it once." })];
    const run = resting().at(2 * SEC, asked({ comments }));
    const text = run.record.messages.list[0]?.text ?? "";
    for (const part of [
      "ann asked for changes",
      "> Please name it better.",
      "src/a.js:3, ann (ao://my-app/7#c1)",
      "> let a = 1;",
      "> Why twice?\n> Say it once.",
    ]) {
      expect(text).toContain(part);
    }
    run.at(3 * SEC, { kind: "message-accepted", id: run.record.messages.list[0]?.id ?? "" });
    expect(run.types()).toEqual(expect.arrayContaining(["review.changes_requested", "review.comments_sent"]));
  });

  test("comments without a review wait for two minutes after the last of them", () => {
    const one = aComment({ createdAt: iso(2 * SEC) });
    const two = aComment({ id: "c2", createdAt: iso(60 * SEC) });
    const run = resting()
      .at(2 * SEC, pr({ comments: [one] }))
      .at(61 * SEC, pr({ comments: [one, two] }));
    expect(run.until(179 * SEC).record.messages.list).toEqual([]);
    expect(run.until(180 * SEC).record.messages.list).toHaveLength(1);
  });

  test("an edited or resolved comment is nothing new; another one is, and only that is sent", () => {
    const run = resting().at(2 * SEC, asked({ comments: [aComment(), aComment({ id: "c2" })] }));
    run.at(3 * SEC, { kind: "message-accepted", id: run.record.messages.list[0]?.id ?? "" });
    run.at(4 * SEC, activity("active", 4 * SEC)).at(5 * SEC, activity("ready", 5 * SEC));
    run.at(6 * SEC, asked({ comments: [aComment({ body: "edited" })] }));
    expect(run.record.messages.list).toHaveLength(1);
    const third = aComment({ id: "c3", body: "And this?", createdAt: iso(7 * SEC) });
    run.at(7 * SEC, asked({ comments: [aComment(), third] }));
    expect(run.record.messages.list).toHaveLength(1);
    run.until(127 * SEC);
    expect(run.record.messages.list).toHaveLength(2);
    expect(run.record.messages.list[1]?.text).toContain("> And this?");
    expect(run.record.messages.list[1]?.text).not.toContain("> Why twice?");
  });

  test("a message is at most 64 KiB, and still ends with what to do", () => {
    const comments = Array.from({ length: 40 }, (_, n) => aComment({ id: `c${n}`, body: "€".repeat(9000) }));
    const text = resting().at(2 * SEC, asked({ comments })).record.messages.list[0]?.text ?? "";
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(65_536);
    expect(text).toMatch(/\[Cut here.*\]\n\nAnswer each point in the code.*$/s);
  });

  test("words of a stranger are never sent: they wait for the user, visibly", () => {
    const reviews = [aReview({ author: "eve", isTrusted: false })];
    const comments = [aComment({ author: "eve", isTrusted: false })];
    const run = resting()
      .at(2 * SEC, asked({ reviews, comments }))
      .until(60 * MIN);
    expect(run.record.messages.list).toEqual([]);
    expect(run.did("notify")).toHaveLength(1);
    expect(run.record.attention?.reason).toContain("eve");
  });

  test("a person's new words after an escalation begin a new episode", () => {
    const run = resting()
      .at(2 * SEC, asked())
      .until(31 * MIN);
    expect(count(run, "reaction.escalated")).toBe(1);
    run.at(32 * MIN, asked({ comments: [aComment(), aComment({ id: "c9" })] }));
    expect(run.record.episodes["changes-requested"]).toMatchObject({ sends: 1, escalatedAt: null });
  });

  test("a review that is nothing but a body counts as a comment, on the head that it saw", () => {
    const remark = aReview({ state: "commented", body: "Tests?", submittedAt: iso(2 * SEC), headSha: HEAD });
    const run = resting()
      .at(2 * SEC, pr({ reviews: [remark] }))
      .until(3 * MIN);
    expect(run.record.messages.list[0]?.text).toContain("> Tests?");
    expect(
      run.at(4 * MIN, pr({ reviews: [remark], headSha: HEAD2 })).record.episodes["changes-requested"],
    ).toBeUndefined();
  });
});

describe("the body of a review without a verdict", () => {
  const remark = aReview({ state: "commented", body: "Rename the file.", submittedAt: iso(2 * SEC), headSha: HEAD });
  const thread = aComment({ reviewId: remark.id, createdAt: iso(2 * SEC) });
  const same = aComment({ id: "c2", reviewId: remark.id, body: remark.body, createdAt: iso(2 * SEC) });
  const { path: _path, line: _line, ...general } = same;
  const times = (text: string, words: string) => text.split(words).length - 1;
  const cases: [string, ReturnType<typeof aComment>[]][] = [
    ["beside its threads", [thread]],
    ["that the scm keeps as a comment too", [general, thread]],
  ];

  test.each(cases)("is sent once, %s, and to an agent that takes over", (_what, comments) => {
    const facts = { reviews: [remark], comments };
    const run = resting()
      .at(2 * SEC, pr(facts))
      .until(3 * MIN);
    for (const text of [run.record.messages.list[0]?.text ?? "", composeTaken({ snapshot: aPr(facts), body: "" }, [])])
      expect([times(text, "> Rename the file."), times(text, "> Why twice?")]).toEqual([1, 1]);
  });

  test("is not sent once it is resolved", () => {
    const settled = pr({ reviews: [{ ...remark, isResolved: true }], comments: [] });
    expect(
      resting()
        .at(2 * SEC, settled)
        .until(3 * MIN).record.messages.list,
    ).toEqual([]);
  });

  test("is in the words to an agent that takes over once, also with a request for changes", () => {
    const snapshot = aPr({
      review: "changes_requested",
      reviews: [{ ...remark, state: "changes_requested" }],
      comments: [general],
    });
    expect(times(composeTaken({ snapshot, body: "" }, []), "> Rename the file.")).toBe(1);
  });
});

describe("bugbot-comments", () => {
  const bot = (id: string, changes: Parameters<typeof aComment>[0] = {}) =>
    aComment({ id, author: "bugbot", isBot: true, ...changes });
  const found = (...ids: string[]) => pr({ ci: "passing", botComments: ids.map((id) => bot(id)) });

  test("only bots that the user named cause a send, and only inline", () => {
    const stranger = pr({ ci: "passing", botComments: [bot("b1", { author: "spam" })] });
    expect(resting({ trustedBots: ["bugbot"] }).at(2 * SEC, stranger).record.messages.list).toEqual([]);
    const run = resting({ trustedBots: ["bugbot"] }).at(2 * SEC, found("b1"));
    expect(run.record.messages.list).toHaveLength(1);
    run.at(3 * SEC, { kind: "message-accepted", id: run.record.messages.list[0]?.id ?? "" });
    expect(run.types()).toEqual(expect.arrayContaining(["automated_review.found", "automated_review.fix_sent"]));
  });

  test("has three rounds a pull request, over all its episodes, and then asks the user", () => {
    const run = resting({ trustedBots: ["bugbot"] });
    for (let round = 1; round <= 5; round++) {
      const ms = round * 70 * SEC;
      run.at(ms, found(`b${round}`));
      const id = run.record.messages.list.at(-1)?.id ?? "";
      run.at(ms + 1 * SEC, { kind: "message-accepted", id }).at(ms + 2 * SEC, activity("active", ms + 2 * SEC));
      run.at(ms + 3 * SEC, activity("ready", ms + 3 * SEC)).at(ms + 4 * SEC, pr({ ci: "passing" }));
    }
    expect(run.record.messages.list).toHaveLength(3);
    expect(count(run, "reaction.escalated")).toBeGreaterThan(0);
  });
});
