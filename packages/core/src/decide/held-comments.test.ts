import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aComment, aPr, aReview } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { heldComments } from "./held-comments.ts";
import { toSessionView } from "./view.ts";

const SEC = 1000;
const eve = { author: "eve", isTrusted: false };
const pr = (changes: Parameters<typeof aPr>[0]): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const release = (...ids: string[]): TestFact => ({ kind: "wish-release", messageId: `m-${ids.join()}`, ids });
const idle = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const ids = ({ record, context }: Play) => heldComments(record, context).map(({ id }) => id);
const two = [
  aComment({ ...eve, id: "c1", body: "Add a test." }),
  aComment({ ...eve, id: "c2", body: "<b>\u2028Why?" }),
];

describe("comments of people who may not instruct the agent", () => {
  test("are held, with the reviews that are only a text, and those of bots that the config does not name", () => {
    const remark = aReview({ ...eve, id: "r1", state: "commented", body: "Hm.", headSha: aPr().headSha });
    const bots = [
      aComment({ id: "b1", author: "lint-bot", isBot: true, isTrusted: false }),
      aComment({ id: "b2", author: "ad-bot", isBot: true, isTrusted: false }),
    ];
    const run = idle({ trustedBots: ["lint-bot"] });
    run.at(2 * SEC, pr({ comments: [...two, aComment({ id: "ours" })], reviews: [remark], botComments: bots }));
    expect(ids(run).sort()).toEqual(["b2", "c1", "c2", "r1"]);
    expect(toSessionView(run.record, run.context).heldComments).toBe(4);
    expect(run.record.attention).toMatchObject({
      reason: "3 comments are held: eve may not instruct the agent",
      hint: "ao review held app-1",
    });
    expect(run.at(3 * SEC, pr({ state: "closed", comments: two })) && ids(run)).toEqual([]);
  });

  test("go to the agent when they are released, quoted line by line, and each once", () => {
    const run = idle().at(2 * SEC, pr({ comments: two }), release("c2"));
    expect(run.record.messages).toMatchObject([{ id: "m-c2", origin: "user" }]);
    expect(run.record.messages[0]?.text).toMatch(/what eve wrote.*#7[\s\S]*\n> <b>\n> Why\?\n/);
    expect(ids(run)).toEqual(["c1"]);
    const told = run.did("notify").length;
    run.at(3 * SEC, release("c2", "c1", "unknown"));
    expect(run.record.messages).toHaveLength(2);
    expect(run.record.messages[1]?.text).not.toContain("Why?");
    expect([ids(run), run.record.attention?.hint]).not.toContain("ao review held app-1");
    run.at(4 * SEC, pr({ comments: two, checks: [] })).at(5 * SEC, release("c1"));
    expect(run.record.messages).toHaveLength(2);
    expect(
      run
        .did("notify")
        .slice(told)
        .map(({ key }) => key),
    ).toEqual([]);
    expect(run.record.episodes["changes-requested"]).toBeUndefined();
  });

  test("are held again if the message could not be written", () => {
    const run = idle().at(2 * SEC, pr({ comments: two }), release("c1"));
    const failure = { code: "UNAVAILABLE", message: "no terminal" } as const;
    run.at(3 * SEC, { kind: "effect-failed", key: "deliver:m-c1", action: "deliver", failure });
    expect(ids(run)).toEqual(["c1", "c2"]);
  });
});
