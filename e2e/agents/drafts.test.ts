import { existsSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import type { AgentBox } from "./support/agent-box.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

/** Programs whose input box `ao` can recognise. */
const of = { needs: "draft", kinds: kinds.filter(({ plugin }) => plugin === "claude-code") } as const;

const options = { scripts: ["%%say ready"] };

const untilSeen = (box: AgentBox, text: string) =>
  waitFor(() => box.screen("app-1").includes(text), { timeoutMs: 30_000, what: `${text} on the screen` });

const send = (box: AgentBox, text: string) => box.get("send", { session: "app-1", text, isWaiting: false });

/** Waits until the latest message is held for the user, or settled. */
const untilLeft = (box: AgentBox) =>
  box.until(
    "app-1",
    ({ messages }) =>
      messages.at(-1)?.heldFor === "human" || /^(?:accepted|unconfirmed)$/.test(messages.at(-1)?.state ?? ""),
    "the message is left alone",
  );

/** A delivery that was allowed to question the draft is over: the first one after a minute. */
const untilQuestioned = (box: AgentBox) =>
  waitFor(
    async () => {
      const records = await box.get("events", { session: "app-1", all: true, limit: 1000 });
      const begun = records.find(({ type, intent }) => type === "ao.intent" && isQuestion(intent));
      const all = await box.get("events", { all: true, limit: 1000 });
      return begun !== undefined && all.some(({ type, key }) => type === "ao.done" && key === begun.key);
    },
    { timeoutMs: 180_000, what: "the draft to be questioned" },
  );

const isQuestion = (intent: unknown): boolean =>
  (intent as { action?: { isDraftOld?: boolean } } | undefined)?.action?.isDraftOld === true;

/** The user presses Enter a moment after the last letter, because an Enter right after a letter counts as pasted. */
async function enter(box: AgentBox, rest: string): Promise<void> {
  box.type("app-1", ["-l", rest]);
  await untilSeen(box, rest);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  box.type("app-1", ["Enter"]);
}

const said = (box: AgentBox) => box.model.truth.saying("mark of app-1")[0]?.users.slice(1) ?? [];

scenario({
  ...of,
  options,
  name: "while the user is typing a shell command, a message waits and runs nothing",
  async play(box) {
    await box.begin();
    box.type("app-1", ["-l", "!"]);
    await untilSeen(box, "! for shell mode");
    await send(box, "touch ran.txt");
    await untilLeft(box);
    box.type("app-1", ["BSpace"]);
    await box.untilHeard("touch ran.txt");
    expect(said(box)).toEqual(["touch ran.txt"]);
    expect(existsSync(join((await box.view("app-1")).workspacePath ?? "", "ran.txt"))).toBe(false);
    await box.untilResting("app-1");
  },
});

scenario({
  ...of,
  options,
  name: "letters that the user types while a message is being typed stay the user's",
  async play(box) {
    await box.begin();
    const message = `begin ${"of a message from outside ".repeat(14)}end`;
    await send(box, message);
    await untilSeen(box, "❯\u00a0begin of");
    for (const letter of "what?!") box.type("app-1", ["-l", letter]);
    await untilLeft(box);
    await enter(box, "Yes");
    await box.untilHeard("what?!Yes");
    await box.until(
      "app-1",
      ({ messages }) => /^(?:accepted|unconfirmed)$/.test(messages.at(-1)?.state ?? ""),
      "the end",
    );
    await box.untilResting("app-1");
    // Accepted means word for word and alone. A message that was mixed with other text is reported, and not sent again.
    const isAccepted = (await box.view("app-1")).messages.at(-1)?.state === "accepted";
    if (isAccepted) expect(said(box).sort()).toEqual([message, "what?!Yes"].sort());
    else expect(said(box)).toEqual([expect.stringMatching(/begin.*end/)]);
  },
});

scenario({
  ...of,
  options,
  name: "a user's draft with the words of our last message is not cleared",
  async play(box) {
    await box.begin();
    await box.say("app-1", "please run the tests now");
    await box.untilResting("app-1");
    box.type("app-1", ["-l", "run the"]);
    await untilSeen(box, "❯\u00a0run the");
    await send(box, "from outside");
    await untilLeft(box);
    await enter(box, " tests");
    await box.untilHeard("from outside");
    expect(said(box)).toEqual(["please run the tests now", "run the tests", "from outside"]);
    await box.untilResting("app-1");
  },
});

scenario({
  ...of,
  options,
  name: "a tab arrives as four spaces, and composed letters count as received",
  async play(box) {
    await box.begin();
    expect((await box.say("app-1", "col1\tcol2")).state).toBe("accepted");
    await box.untilResting("app-1");
    expect((await box.say("app-1", "e\u0301".repeat(50))).state).toBe("accepted");
    await box.untilResting("app-1");
    expect(said(box)).toEqual(["col1    col2", "\u00e9".repeat(50)]);
  },
});

scenario({
  ...of,
  options: { scripts: ["%%slow 4 ;; %%say ready"] },
  name: "a program that the user suspended with Ctrl-Z is resumed by the next message",
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await untilSeen(box, "❯\u00a0");
    box.type("app-1", ["C-z"]);
    await untilSeen(box, "suspended. Run `fg`");
    await box.untilResting("app-1");
    expect(await box.say("app-1", "are you there? %%say here")).toMatchObject({ state: "accepted" });
    await box.untilResting("app-1");
    expect(said(box)).toEqual(["are you there? %%say here"]);
  },
});

scenario({
  options,
  needs: "draft",
  kinds: kinds.filter(({ plugin }) => plugin === "codex"),
  isLong: true,
  name: "a message that goes through the server passes by a draft which nobody has touched for a minute",
  async play(box) {
    await box.begin();
    box.type("app-1", ["-l", "half a thought"]);
    await untilSeen(box, "half a thought");
    await send(box, "from outside");
    await untilLeft(box);
    expect((await box.view("app-1")).messages.at(-1)).toMatchObject({ state: "held", heldFor: "human" });
    await box.untilHeard("from outside");
    await box.untilResting("app-1");
    expect(box.screen("app-1")).toContain("half a thought");
    expect(said(box)).toEqual(["from outside"]);
  },
});

scenario({
  ...of,
  options,
  timeoutMs: 400_000,
  isLong: true,
  name: "a forgotten draft is questioned, stays as it was, and its message arrives once it was sent",
  async play(box) {
    await box.begin();
    box.type("app-1", ["-l", "half a thought"]);
    await untilSeen(box, "❯\u00a0half a thought");
    await send(box, "from outside");
    await untilQuestioned(box);
    expect(box.screen("app-1")).toMatch(/^❯\u00a0half a thought *$/m);
    expect(said(box)).toEqual([]);
    await enter(box, " more");
    await box.untilHeard("from outside");
    await box.untilResting("app-1");
    expect(said(box)).toEqual(["half a thought more", "from outside"]);
  },
});
