import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aComment, aPr, aReview } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { heldComments } from "./held-comments.ts";
import { deriveStatus } from "./status.ts";
import { toSessionView } from "./view.ts";

const SEC = 1000;
const eve = { author: "eve", isTrusted: false };
const pr = (changes: Parameters<typeof aPr>[0]): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const release = (...ids: string[]): TestFact => ({ kind: "wish-release", messageId: `m-${ids.join()}`, ids });
const idle = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const ids = ({ record, context }: Play) => heldComments(record, context).map(({ id }) => id);
const told = (run: Play) =>
  run.actions.flatMap((each) => {
    if (each.kind !== "notify") return [];
    const { type, message } = each.notification.event;
    return [[type, message]];
  });
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

  test("are held with a request for changes too, which nobody with a say has made", () => {
    const rob = { author: "rob", isTrusted: false } as const;
    const request = aReview({ ...rob, id: "r1", body: "Do it differently." });
    const ann = aReview({ id: "r2" });
    const run = idle().at(2 * SEC, pr({ review: "none", ci: "passing", reviews: [request] }));
    expect(heldComments(run.record, run.context)).toMatchObject([{ id: "r1", author: "rob", isRequest: true }]);
    expect(told(run)).toContainEqual(["review.changes_requested", expect.stringContaining("rob asked for changes")]);
    run.at(3 * SEC, pr({ review: "changes_requested", ci: "passing", reviews: [request, ann] }));
    expect([deriveStatus(run.record, run.context).because, ids(run)]).toEqual(["changes requested by ann", ["r1"]]);
    run.at(4 * SEC, release("r1"));
    expect(run.record.messages.list.at(-1)?.text).toContain("> Do it differently.");
    expect(ids(run)).toEqual([]);
  });

  test("are told as what they are", () => {
    const run = idle().at(2 * SEC, pr({ ci: "passing", review: "none", comments: two }));
    const words = "app-1: eve commented (eve may not instruct the agent: it waits for you)";
    expect(told(run)).toContainEqual(["attention.needed", words]);
  });

  test("go to the agent when they are released, quoted line by line, and each once", () => {
    const run = idle().at(2 * SEC, pr({ comments: two }), release("c2"));
    expect(run.record.messages.list).toMatchObject([{ id: "m-c2", origin: "user" }]);
    expect(run.record.messages.list[0]?.text).toMatch(/what eve wrote.*#7[\s\S]*\n> <b>\n> Why\?\n/);
    expect(ids(run)).toEqual(["c1"]);
    const told = run.did("notify").length;
    run.at(3 * SEC, release("c2", "c1", "unknown"));
    expect(run.record.messages.list).toHaveLength(2);
    expect(run.record.messages.list[1]?.text).not.toContain("Why?");
    expect([ids(run), run.record.attention?.hint]).not.toContain("ao review held app-1");
    run.at(4 * SEC, pr({ comments: two, checks: [] })).at(5 * SEC, release("c1"));
    expect(run.record.messages.list).toHaveLength(2);
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
