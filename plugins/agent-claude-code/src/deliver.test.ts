import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { draftFile } from "./launch/note.ts";
import { Box, openBox, RULE } from "./testing/box.ts";
import { Stage } from "./testing/stage.ts";

test("a message is delivered, and its receipt names it", async () => {
  const { stage, send } = await openBox();
  expect(await send("mend the test\nplease")).toEqual({ outcome: "accepted" });
  expect(stage.kinds("accepted")).toMatchObject([{ messageId: "m1" }]);
});

test("a long one arrives complete", async () => {
  const { box, stage, send } = await openBox();
  const text = Array.from({ length: 200 }, (_, at) => `word${at}`).join(" ");
  let taken = "";
  box.onEnter = (prompt) => {
    taken = prompt;
    stage.hook("UserPromptSubmit", { prompt });
  };
  expect(await send(text)).toEqual({ outcome: "accepted" });
  expect(taken).toBe(text);
});

test("tabs are typed as the blanks into which the program turns pasted tabs", async () => {
  const { box, stage, send } = await openBox();
  let taken = "";
  box.onEnter = (prompt) => {
    taken = prompt;
    stage.hook("UserPromptSubmit", { prompt });
  };
  expect(await send("col1\tcol2")).toEqual({ outcome: "accepted" });
  expect(taken).toBe("col1    col2");
});

test("a text that arrives without the blanks between its words does not count as received", async () => {
  const { box, stage, send } = await openBox();
  box.onEnter = () => stage.hook("UserPromptSubmit", { prompt: "mendthe test" });
  expect(await send("mend the test")).toEqual({ outcome: "written" });
});

test("a message sent together with a letter typed right before the Enter is reported at once", async () => {
  const { box, stage, send } = await openBox();
  box.onEnter = (prompt) => stage.hook("UserPromptSubmit", { prompt: `${prompt}?!` });
  expect(await send("mend the test")).toMatchObject({ outcome: "unconfirmed" });
  expect(stage.kinds("accepted")).toMatchObject([{ text: "mend the test?!" }]);
});

test("letters that the program composes count as the same letters", async () => {
  const { send } = await openBox();
  expect(await send("e\u0301".repeat(50))).toEqual({ outcome: "accepted" });
});

test("what we left in the box is cleared first, without Escape", async () => {
  const { stage, box, send } = await openBox();
  draftFile(stage.session.sessionDir).write({ id: "m0", text: "an older message\nof two lines" });
  box.draft = "an older message\nof two lines";
  let taken = "";
  box.onEnter = (prompt) => {
    taken = prompt;
    stage.hook("UserPromptSubmit", { prompt });
  };
  expect(await send("mend the test")).toEqual({ outcome: "accepted" });
  expect(taken).toBe("mend the test");
  expect(box.keys).not.toContain("Escape");
});

test("nothing is typed into a dialog", async () => {
  const { stage, box, send } = await openBox();
  stage.status("waiting", "permission prompt");
  expect(await send("1")).toEqual({ outcome: "deferred", because: "asking" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("a dialog that opens during typing stops it before the Enter", async () => {
  const { stage, box, send } = await openBox();
  box.onPiece = () => stage.status("waiting", "permission prompt");
  expect(await send("yes 1")).toEqual({ outcome: "deferred", because: "asking" });
  expect(box.keys).toEqual([]);
});

test("nothing is typed into a menu that the status file does not show either", async () => {
  const { box, send } = await openBox();
  box.instead = [RULE, "  Rewind", "  ❯ (current)", "", "  Enter to continue · Esc to cancel"];
  expect(await send("hello")).toEqual({ outcome: "deferred", because: "asking" });
}, 15_000);

test("where no input box can be seen, nothing is typed, and nobody is said to ask", async () => {
  const { box, send } = await openBox();
  box.instead = ["Some page of the program's own", "that covers its box"];
  expect(await send("hello")).toEqual({ outcome: "deferred", because: "unreadable" });
  box.instead = null;
  const { screen } = box.terminal;
  const small = async () => ({ ...(await screen()), size: { columns: 20, rows: 6 } }) as Screen;
  expect(await send("hello", { terminal: { ...box.terminal, screen: small } })).toEqual({
    outcome: "deferred",
    because: "unreadable",
  });
  expect(await send("hello")).toEqual({ outcome: "accepted" });
}, 30_000);

test("a swallowed Enter is pressed once more, without typing the text again", async () => {
  const { box, send } = await openBox();
  box.deaf = 1;
  expect(await send("mend the test")).toEqual({ outcome: "accepted" });
  expect(box.keys).toEqual(["Enter", "Enter"]);
});

test("without a receipt it is reported as written", async () => {
  const { box, send } = await openBox();
  box.onEnter = () => undefined;
  expect(await send("mend the test")).toEqual({ outcome: "written" });
});

test("an interrupt is an Escape for a working program, and nothing for an idle one", async () => {
  const { stage, box } = await openBox();
  await stage.agent.interrupt?.(stage.session, { terminal: stage.terminal });
  expect(box.keys).toEqual([]);
  stage.status("busy");
  const press = stage.terminal.press;
  stage.terminal = {
    ...stage.terminal,
    press: async (keys) => {
      await press(keys);
      stage.status("idle");
    },
  };
  await stage.agent.interrupt?.(stage.session, { terminal: stage.terminal });
  expect(box.keys).toEqual(["Escape"]);
});

test("an interrupt waits until the launch's prompt was taken, because an earlier Escape has no effect", async () => {
  const stage = await Stage.open();
  const box = new Box();
  const press = box.terminal.press;
  stage.terminal = {
    ...box.terminal,
    press: async (keys) => {
      await press(keys);
      stage.status("idle");
    },
  };
  await stage.observe();
  stage.status("idle");
  const interrupting = stage.agent.interrupt?.(stage.session, { terminal: stage.terminal });
  await new Promise((resolve) => setImmediate(resolve));
  expect(box.keys).toEqual([]);
  stage.status("busy");
  await interrupting;
  expect(box.keys).toEqual(["Escape"]);
});

const LONG = Array.from({ length: 120 }, (_, at) => `word${at}`).join(" ");

/** What a daemon that was killed at this point of typing has left: its note, and the box. */
const KILLED: [at: string, note: object, box: string][] = [
  ["before the first key", {}, ""],
  ["after the first piece", {}, LONG.slice(0, 400)],
  ["before the Enter", {}, `${LONG} `],
  ["in a second attempt", { attempt: 1 }, LONG.slice(0, 400)],
];

test.each(KILLED)(
  "a daemon that was killed %s has sent nothing, so the message is typed again",
  async (_, note, left) => {
    const { stage, box, send } = await openBox();
    const taken: string[] = [];
    box.onEnter = (prompt) => {
      taken.push(prompt);
      stage.hook("UserPromptSubmit", { prompt });
    };
    box.ids.add("m1").add("m1-1");
    if (!("attempt" in note)) box.ids.delete("m1-1");
    box.draft = left;
    draftFile(stage.session.sessionDir).write({ id: "m1", text: LONG, ...note });
    expect(await send(LONG)).toEqual({ outcome: "accepted" });
    expect(taken).toEqual([LONG]);
    expect(stage.kinds("accepted")).toMatchObject([{ messageId: "m1" }]);
  },
);

test("a daemon that was killed before its Enter arrived has it pressed, and nothing is typed again", async () => {
  const { stage, box, send } = await openBox();
  box.ids.add("m1");
  box.draft = `${LONG} `;
  draftFile(stage.session.sessionDir).write({ id: "m1", text: LONG, isEntered: true });
  expect(await send(LONG)).toEqual({ outcome: "accepted" });
  expect(box.keys).toEqual(["Enter"]);
});

test("a daemon that was killed after its Enter: only a receipt tells, and nothing is typed or pressed", async () => {
  const { stage, box, send } = await openBox();
  const draft = draftFile(stage.session.sessionDir);
  draft.write({ id: "m1", text: LONG, isEntered: true });
  expect(await send(LONG)).toEqual({ outcome: "written" });
  stage.hook("UserPromptSubmit", { prompt: LONG });
  expect(await send(LONG)).toEqual({ outcome: "accepted" });
  // The receipt was read by the daemon that was killed.
  draft.write({ id: "m1", text: LONG, isEntered: true, isOver: true });
  expect(await send(LONG)).toEqual({ outcome: "accepted" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("what a killed daemon left in the box and a user sent with their own words is not typed again", async () => {
  const { stage, box, send } = await openBox();
  draftFile(stage.session.sessionDir).write({ id: "m1", text: LONG });
  stage.hook("UserPromptSubmit", { prompt: `${LONG.slice(0, 400)} and more` });
  await waitFor(() => stage.kinds("accepted").length > 0, { what: "the receipt of the user's words" });
  expect(await send(LONG)).toMatchObject({ outcome: "unconfirmed" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});
