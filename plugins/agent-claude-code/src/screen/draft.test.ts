import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { openBox, RULE } from "../testing/box.ts";

test("a draft that somebody started stays, and the message waits", async () => {
  const { box, send } = await openBox();
  box.draft = "half a thought";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["half a thought", []]);
});

test.each([
  ["before ours", (ours: string) => `half a thought${ours}`, "half a thought"],
  ["behind ours", (ours: string) => `${ours}hello`, "hello"],
  ["on both sides", (ours: string) => `h${ours}ello`, "hello"],
  ["with only symbols", (ours: string) => `${ours}?!`, "?!"],
])("a user's words that were drawn %s stay, and ours are deleted", async (_, mixed, theirs) => {
  const { box, send } = await openBox();
  box.onPiece = () => {
    box.draft = mixed(box.draft);
  };
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys.includes("Enter"), box.keys.includes("C-u")]).toEqual([theirs, false, false]);
});

test.each([
  ["are within ours", (ours: string) => `${ours.slice(0, 5)}x${ours.slice(5)}`],
  ["begin another row", (ours: string) => `${ours}\nhello`],
  ["have ours among them twice", (ours: string) => `${ours}${ours}x`],
])("if a user's words %s, everything stays and the message is not sent again", async (_, mixed) => {
  const { box, send } = await openBox();
  let left = "";
  box.onPiece = () => {
    box.draft = mixed(box.draft);
    left = box.draft;
  };
  expect(await send("mend the test")).toMatchObject({ outcome: "unconfirmed" });
  expect([box.draft, box.keys]).toEqual([left, []]);
  box.onPiece = () => undefined;
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe(left);
});

test("what was typed between two pieces stays, and both pieces are deleted", async () => {
  const { box, send } = await openBox();
  let first = "";
  box.onPiece = () => {
    if (first === "") first = box.draft;
    else box.draft = `${first}why?!${box.draft.slice(first.length)}`;
  };
  const message = Array.from({ length: 90 }, (_, at) => `word${at}`).join(" ");
  expect(await send(message)).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys.includes("Enter")]).toEqual(["why?!", false]);
});

test("nothing is typed into a shell's box", async () => {
  const { box, send } = await openBox();
  box.sign = "!";
  expect(await send("touch here.txt")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("nothing is typed into a history search, which looks like an empty box", async () => {
  const { box, send } = await openBox();
  box.footer = "  search prompts:   ⏵⏵ accept edits on";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("a box that becomes a shell's while we type gets no Enter, and our text is deleted", async () => {
  const { box, send } = await openBox();
  box.onPiece = () => {
    box.sign = "!";
  };
  expect(await send("touch here.txt")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys.includes("Enter")]).toEqual(["", false]);
});

test.each([
  [RULE, "❯ ", `Claude Code has been suspended. Run \`fg\` to bring Claude Code back.${RULE}`, "Note: ctrl + z now"],
  ["Claude Code is suspended. Run `fg` to bring it back.", "To undo typing, press ctrl+_."],
])("a suspended program gets nothing before it is back (%#)", async (...rows) => {
  const { stage, box, send } = await openBox();
  const pid = Number(stage.session.runtimeHandle?.data.pid);
  box.instead = rows;
  process.kill(pid, "SIGSTOP");
  await waitFor(() => lookUp(pid)?.isStopped === true, { what: "the stop" });
  const sending = send("mend the test");
  await waitFor(() => lookUp(pid)?.isStopped === false, { what: "that it goes on" });
  expect(box.draft).toBe("");
  box.instead = null;
  expect(await sending).toEqual({ outcome: "accepted" });
});

test("a program that stays suspended holds the message", async () => {
  const { box, send } = await openBox();
  box.instead = ["Claude Code is suspended. Run `fg` to bring it back."];
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe("");
});

test("a suspended program is resumed even without a message", async () => {
  const { stage, box } = await openBox();
  const pid = Number(stage.session.runtimeHandle?.data.pid);
  const observation = await stage.observe();
  box.instead = ["Claude Code is suspended. Run `fg` to bring it back."];
  process.kill(pid, "SIGSTOP");
  await waitFor(() => lookUp(pid)?.isStopped === true, { what: "the stop" });
  observation?.hint({ kind: "human-input", at: new Date().toISOString() });
  await waitFor(() => lookUp(pid)?.isStopped === false, { what: "that it goes on" });
});

test("a program that was stopped gets nothing", async () => {
  const { stage, box, send } = await openBox();
  const pid = Number(stage.session.runtimeHandle?.data.pid);
  process.kill(pid, "SIGSTOP");
  await waitFor(() => lookUp(pid)?.isStopped === true, { what: "the stop" });
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("a user's draft that is a part of our last message stays theirs", async () => {
  const { box, send } = await openBox();
  box.onEnter = () => undefined;
  expect(await send("please run the tests now")).toEqual({ outcome: "written" });
  box.draft = "run the";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe("run the");
});

test("so does the whole text, once our message was received", async () => {
  const { box, send } = await openBox();
  expect(await send("run the tests")).toEqual({ outcome: "accepted" });
  box.draft = "run the tests";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe("run the tests");
});

test("an unfinished message that a user sent with their own words is not typed again", async () => {
  const { stage, box, send } = await openBox();
  box.onPiece = () => stage.status("waiting", "permission prompt");
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "asking" });
  box.onPiece = () => undefined;
  stage.status("idle");
  box.draft = "";
  stage.hook("UserPromptSubmit", { prompt: "mend the test or leave it" });
  await waitFor(() => stage.kinds("accepted").length > 0, { what: "the human's prompt" });
  expect(await send("mend the test")).toMatchObject({ outcome: "unconfirmed" });
  expect(box.draft).toBe("");
});

test("a text that has stood there for long and goes with the first key was only drawn, so the message is typed", async () => {
  const { box, stage, send } = await openBox();
  box.ghost = "Try something the program suggests";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.keys).toEqual([]);
  expect(await send("mend the test", { isDraftOld: true })).toEqual({ outcome: "accepted" });
  expect(stage.kinds("accepted")).toMatchObject([{ messageId: "m1" }]);
});

test("a draft that somebody typed stays as it was when it is questioned, and is questioned once", async () => {
  const { box, send } = await openBox();
  box.draft = "half a thought";
  box.behind = 4;
  for (let tries = 0; tries < 2; tries++) {
    expect(await send("mend the test", { isDraftOld: true })).toEqual({ outcome: "deferred", because: "human" });
    expect([box.draft, box.keys]).toEqual(["half a thought", [" ", "BSpace"]]);
  }
  box.draft = "half a thought more";
  expect(await send("mend the test", { isDraftOld: true })).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys.length]).toEqual(["half a thought more", 4]);
});
