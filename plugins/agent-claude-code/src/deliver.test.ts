import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal, WrittenMessage } from "@agent-orchestrator/core/slots/agent-terminal";
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

  get terminal(): AgentTerminal {
    return {
      screen: async () => ({ rows: this.#rows(), styledRows: null, cursor: null, title: null }),
      write: (message) => this.#write(message),
      press: async (keys) => {
        for (const key of keys) this.#press(typeof key === "string" ? key : key.char);
      },
    };
  }

  #rows(): string[] {
    if (this.instead !== null) return this.instead;
    const [first = "", ...rest] = this.draft.split("\n");
    return [RULE, `❯\u00a0${first}`, ...rest.map((row) => `  ${row}`), RULE, "  ? for shortcuts"];
  }

  async #write({ text, guard }: WrittenMessage): Promise<void> {
    for (const piece of text.match(/[\s\S]{1,100}/g) ?? []) {
      if ((await guard?.()) === false) throw new AoError("REFUSED", "the program does not take a message now");
      this.draft += piece;
      this.onPiece();
    }
    if ((await guard?.()) === false) throw new AoError("REFUSED", "the program does not take a message now");
    this.#press("Enter");
  }

  #press(key: string): void {
    this.keys.push(key);
    if (key === "BSpace") this.draft = this.draft.slice(0, -1);
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

test("a human's words that were drawn only after ours stay too, and ours are taken back", async () => {
  const { box, send } = await open();
  box.onPiece = () => {
    box.draft = `half a thought${box.draft}`;
    box.onPiece = () => undefined;
  };
  expect(await send("mend the test")).toEqual({ outcome: "deferred", because: "human" });
  expect(box.draft).toBe("half a thought");
});

test("what we left in the box is cleared first, without an Escape", async () => {
  const { stage, box, send } = await open();
  writeJson(placesIn(stage.session.sessionDir).draft, { id: "m0", text: "an older message\nof two lines" });
  box.draft = "an older message\nof tw";
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
