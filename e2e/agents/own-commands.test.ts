import { existsSync } from "node:fs";
import { join } from "node:path";
import { cleanMessage, leftOutOf } from "@agent-orchestrator/core/host/message-text";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import { scenario } from "./support/scenario.ts";

/** Each is a command of one of the programs, in its input box: it ends it, forgets the conversation, opens a menu or runs a program. */
const COMMANDS = [
  ..."exit quit :q :q! :wq EXIT bye logout".split(" "),
  ..."/exit /quit /clear /new /compact /model /help /undo /init /drop /reset /review".split(" "),
  "/exit now",
  "/run touch ran.txt",
  "  /exit",
  "!touch ran.txt",
  "! touch ran.txt",
  "#note for the memory",
  "@README.md",
  "?",
  "& touch ran.txt",
  "{",
  "--help",
];

const CHARACTERS: Record<string, string> = {
  "right-to-left override": "a\u202eb\u202c c",
  "zero-width": "zero\u200bwidth \u2060and \u200c\u200d joiners",
  "byte order mark": "\ufeffmark at the start, and \ufeff inside",
  "soft hyphen": "co\u00adop\u00aderate",
  "decomposed letters": "e\u0301 A\u030a s\u0323\u0307 \u1100\u1161\u11a8",
  isolates: "\u2067isolated\u2069 and \u200fmarks\u200e",
  "line separators": "one\u2028two\u2029three",
  tabs: "col1\tcol2\n\tindented",
  controls: "bell\u0007 null\u0000 escape\u001b[31m delete\u007f nel\u0085",
  "half characters": "half \ud83d and \ude00",
  "hidden tags": "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f} flag",
  joiners: "👩‍👩‍👧‍👦 🏳️‍🌈 می‌خواهم क्‍ष",
  "wide and narrow": "漢字 ｆｕｌｌ \u3000 no\u00a0break",
  "private use": "\ue000 \u{f0000}",
  combining: "Z\u0351\u036b\u0343a\u0320l\u0334go",
};

/** White space and composition are the agent's own business, and so is what keeps a command from being one. */
const plain = (text: string): string =>
  cleanMessage(text)
    .normalize("NFC")
    .replace(/\s+/g, "")
    .replace(/^\\(?=\/)/, "")
    .replace(/(?<=^(?:exit|quit|:q!?|:wq!?))\.$/i, "");

/** What the user of the first session has said after the first prompt, as the model heard it. */
const heard = (box: AgentBox): string[] =>
  (box.model.truth.saying("mark of app-1")[0]?.users.slice(1) ?? []).map((said) => plain(said));

async function sendEach(box: AgentBox, texts: readonly string[]): Promise<void> {
  for (const [at, text] of texts.entries()) {
    const { state } = await box.say("app-1", text);
    expect(state, JSON.stringify(text)).toMatch(/^(?:accepted|unconfirmed)$/);
    await waitFor(() => heard(box).length > at, {
      timeoutMs: PATIENCE_MS,
      what: `${JSON.stringify(text)} at the model`,
    });
    await box.untilResting("app-1");
  }
  expect(heard(box)).toEqual(texts.map(plain));
}

scenario({
  name: "the agent's own commands arrive as words, in the same conversation, and do nothing",
  needs: "messages",
  timeoutMs: 600_000,
  options: { scripts: ["%%say ready"], files: { "README.md": "read me\n" } },
  async play(box) {
    await box.begin();
    const before = await box.view("app-1");
    await sendEach(box, COMMANDS);
    const { pid, workspacePath } = await box.view("app-1");
    expect(pid).toBe(before.pid);
    expect(existsSync(join(workspacePath ?? "", "ran.txt"))).toBe(false);
  },
});

scenario({
  name: "of a message with odd characters the model gets what the user sees, and the sender is told what was left out",
  needs: "messages",
  timeoutMs: 600_000,
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    await sendEach(
      box,
      Object.entries(CHARACTERS).map(([what, text]) => `${what}: ${text} end`),
    );
    for (const text of Object.values(CHARACTERS)) {
      const { leftOut = [] } = await box.get("send", { session: "app-1", text: `again ${text}`, isWaiting: false });
      expect(leftOut).toEqual(leftOutOf(text));
    }
    await box.untilResting("app-1");
  },
});
