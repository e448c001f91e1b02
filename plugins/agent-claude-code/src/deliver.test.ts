import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal, WrittenMessage } from "@agent-orchestrator/core/slots/agent-terminal";
import { piecesOf } from "@agent-orchestrator/plugin-kit/message";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { placesIn, writeJson } from "./launch-note.ts";
import { Stage } from "./testing/stage.ts";

const RULE = "─".repeat(40);

/** The input box of a program: what is typed stands in it, and Enter takes it. */
class Box {
  draft = "";
  /** Keys that are swallowed while the program draws. */
  deaf = 0;
  onPiece: () => void = () => undefined;
  onEnter: (text: string) => void = () => undefined;
  instead: string[] | null = null;
  readonly keys: string[] = [];

  /** Signs between the cursor and the end. */
  behind = 0;
  sign = "❯";
  footer = "  ? for shortcuts";

  get terminal(): AgentTerminal {
    return {
      screen: async () => ({ rows: this.#rows(), styledRows: this.#rows("\u001b[7m"), cursor: null, title: null }),
      write: (message) => this.#write(message),
      press: async (keys) => {
        for (const key of keys) this.#press(typeof key === "string" ? key : key.char);
      },
    };
  }

  #rows(turned = ""): string[] {
    if (this.instead !== null) return this.instead;
    const at = this.draft.length - this.behind;
    const [first = "", ...rest] = `${this.draft.slice(0, at)}${turned}${this.draft.slice(at)}`.split("\n");
    return [RULE, `${this.sign}\u00a0${first}`, ...rest.map((row) => `  ${row}`), RULE, this.footer];
  }

  async #write({ text, guard }: WrittenMessage): Promise<void> {
    for (const piece of piecesOf(text)) {
      if ((await guard?.()) === false) throw new AoError("REFUSED", "the program does not take a message now");
      this.draft += piece.normalize("NFC").replaceAll("\t", "");
      this.onPiece();
    }
    if ((await guard?.()) === false) throw new AoError("REFUSED", "the program does not take a message now");
    this.#press("Enter");
  }

  #press(key: string): void {
    this.keys.push(key);
    const at = this.draft.length - this.behind;
    if (key === "Left") this.behind = Math.min(this.behind + 1, this.draft.length);
    if (key === "Right") this.behind = Math.max(this.behind - 1, 0);
    if (key === "BSpace" && at > 0) this.draft = this.draft.slice(0, at - 1) + this.draft.slice(at);
    if (key === "C-u") this.draft = this.draft.replace(/(?:\n|[^\n]+)$/, "");
    if (key !== "Enter") return;
    if (this.deaf > 0) this.deaf -= 1;
    else {
      this.onEnter(this.draft.trimEnd());
      this.draft = "";
    }
  }
}

async function open(): Promise<{ stage: Stage; box: Box; send(text: string): Promise<unknown> }> {
  const stage = await Stage.open();
  const box = new Box();
  stage.terminal = box.terminal;
  await stage.observe();
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.hook("Stop");
  stage.status("idle");
  await stage.until("ready");
  stage.facts.length = 0;
  box.onEnter = (prompt) => stage.hook("UserPromptSubmit", { prompt });
  const send = (text: string) =>
    stage.agent.deliver?.(stage.session, { id: "m1", text }, { terminal: stage.terminal }) ?? Promise.resolve();
  return { stage, box, send };
}

test("a message goes in, and its receipt names it", async () => {
  const { stage, send } = await open();
  expect(await send("mend the test\nplease")).toEqual({ outcome: "accepted" });
  expect(stage.kinds("accepted")).toMatchObject([{ messageId: "m1" }]);
});

test("a long one arrives whole", async () => {
  const { box, stage, send } = await open();
  const text = Array.from({ length: 200 }, (_, at) => `word${at}`).join(" ");
  let taken = "";
  box.onEnter = (prompt) => {
    taken = prompt;
    stage.hook("UserPromptSubmit", { prompt });
  };
  expect(await send(text)).toEqual({ outcome: "accepted" });
  expect(taken).toBe(text);
});

test("what a human began to write stays, and the message waits", async () => {
  const { box, send } = await open();
  box.draft = "half a thought";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["half a thought", []]);
});

test.each([
  ["before ours", (ours: string) => `half a thought${ours}`, "half a thought"],
  ["behind ours", (ours: string) => `${ours}hello`, "hello"],
  ["on both sides", (ours: string) => `h${ours}ello`, "hello"],
  ["with nothing but signs", (ours: string) => `${ours}?!`, "?!"],
])("a human's words that were drawn %s stay, and ours are taken back", async (_, mixed, theirs) => {
  const { box, send } = await open();
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
])("where a human's words %s all of it stays, and the message is not sent again", async (_, mixed) => {
  const { box, send } = await open();
  let left = "";
  box.onPiece = () => {
    box.draft = mixed(box.draft);
    left = box.draft;
  };
  expect(await send("mend the test")).toEqual({ outcome: "unconfirmed" });
  expect([box.draft, box.keys]).toEqual([left, []]);
  box.onPiece = () => undefined;
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe(left);
});

test("in a shell's box nothing is typed", async () => {
  const { box, send } = await open();
  box.sign = "!";
  expect(await send("touch here.txt")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("nor into a search of the history, which looks like an empty box", async () => {
  const { box, send } = await open();
  box.footer = "  search prompts:   ⏵⏵ accept edits on";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("a box that becomes a shell's while we type gets no Enter, and ours is taken back", async () => {
  const { box, send } = await open();
  box.onPiece = () => {
    box.sign = "!";
  };
  expect(await send("touch here.txt")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys.includes("Enter")]).toEqual(["", false]);
});

test("a suspended program gets nothing", async () => {
  const { stage, box, send } = await open();
  const pid = Number(stage.session.runtimeHandle?.data.pid);
  process.kill(pid, "SIGSTOP");
  await waitFor(() => lookUp(pid)?.isStopped === true, { what: "the stop" });
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("a human's draft that is a part of our last message is theirs", async () => {
  const { box, send } = await open();
  box.onEnter = () => undefined;
  expect(await send("please run the tests now")).toEqual({ outcome: "written" });
  box.draft = "run the";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe("run the");
});

test("the whole of it is theirs too, once it was received", async () => {
  const { box, send } = await open();
  expect(await send("run the tests")).toEqual({ outcome: "accepted" });
  box.draft = "run the tests";
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe("run the tests");
});

test("what a dialog left half typed, and a human sent with their own words, is not typed again", async () => {
  const { stage, box, send } = await open();
  box.onPiece = () => stage.status("waiting", "permission prompt");
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "asking" });
  box.onPiece = () => undefined;
  stage.status("idle");
  box.draft = "";
  stage.hook("UserPromptSubmit", { prompt: "mend the test or leave it" });
  await waitFor(() => stage.kinds("accepted").length > 0, { what: "the human's prompt" });
  expect(await send("mend the test")).toEqual({ outcome: "unconfirmed" });
  expect(box.draft).toBe("");
});

test("tabs are typed as the blanks that the program makes of pasted ones", async () => {
  const { box, stage, send } = await open();
  let taken = "";
  box.onEnter = (prompt) => {
    taken = prompt;
    stage.hook("UserPromptSubmit", { prompt });
  };
  expect(await send("col1\tcol2")).toEqual({ outcome: "accepted" });
  expect(taken).toBe("col1    col2");
});

test("what arrives without the blanks between its words was not received", async () => {
  const { box, stage, send } = await open();
  box.onEnter = () => stage.hook("UserPromptSubmit", { prompt: "mendthe test" });
  expect(await send("mend the test")).toEqual({ outcome: "written" });
});

test("letters that the program composes are the same letters", async () => {
  const { send } = await open();
  expect(await send("e\u0301".repeat(50))).toEqual({ outcome: "accepted" });
});

test("what we left in the box is cleared first, without an Escape", async () => {
  const { stage, box, send } = await open();
  writeJson(placesIn(stage.session.sessionDir).draft, { id: "m0", text: "an older message\nof two lines" });
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

test("nothing goes into a dialog", async () => {
  const { stage, box, send } = await open();
  stage.status("waiting", "permission prompt");
  expect(await send("1")).toEqual({ outcome: "deferred", because: "asking" });
  expect([box.draft, box.keys]).toEqual(["", []]);
});

test("a dialog that opens while it is typed stops it, before the Enter", async () => {
  const { stage, box, send } = await open();
  box.onPiece = () => stage.status("waiting", "permission prompt");
  expect(await send("yes 1")).toEqual({ outcome: "deferred", because: "asking" });
  expect(box.keys).toEqual([]);
});

test("a menu that the status file does not tell of takes nothing either", async () => {
  const { box, send } = await open();
  box.instead = [RULE, "  Rewind", "  ❯ (current)", "", "  Enter to continue · Esc to cancel"];
  expect(await send("hello")).toEqual({ outcome: "deferred", because: "asking" });
}, 15_000);

test("an Enter that was swallowed is pressed once more, and the text not typed again", async () => {
  const { box, send } = await open();
  box.deaf = 1;
  expect(await send("mend the test")).toEqual({ outcome: "accepted" });
  expect(box.keys).toEqual(["Enter", "Enter"]);
});

test("without a receipt it is only written", async () => {
  const { box, send } = await open();
  box.onEnter = () => undefined;
  expect(await send("mend the test")).toEqual({ outcome: "written" });
});

test("an interrupt is an Escape for a program at work, and nothing for one at rest", async () => {
  const { stage, box } = await open();
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
