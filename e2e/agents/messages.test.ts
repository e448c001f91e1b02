import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { scenario } from "./support/scenario.ts";

const WORDS = Array.from({ length: 400 }, (_, at) => `word${at}`).join(" ");

/** Texts that a terminal, a slash menu, a shell mode or a paste detector would misread. */
const HOSTILE: Record<string, string> = {
  "one byte": "y",
  "several lines": "first line\n\nthird line\n\tindented",
  emoji: "naïve café 👩‍👩‍👧‍👦 漢字 ✓",
  "a leading slash": "/exit is not a command here",
  "a leading bang": "!echo not a shell",
  "a leading dash": "--help -n not a flag",
  "a leading at": "@README.md is only a name",
  "a leading hash": "# not a memory",
  "a trailing semicolon": "finish with a semicolon;",
  "a trailing backslash": "finish with a backslash\\",
  quotes: `it's "quoted" $HOME \`pwd\` $(id) %s \\n`,
  "long line": WORDS,
  "many lines": Array.from({ length: 60 }, (_, at) => `line ${at} of many`).join("\n"),
};

/** The backslash before a leading slash. Without it, an agent whose menu trims its input would run a command. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^\\(?=\/)/, "");

scenario({
  name: "every text arrives once, word for word",
  isMain: true,
  needs: "messages",
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    const users = () => box.model.truth.saying("mark of app-1")[0]?.users ?? [];
    const timesHeard = (text: string) => users().filter((said) => plain(said) === plain(text)).length;
    for (const [what, text] of Object.entries(HOSTILE)) {
      await box.say("app-1", text);
      // Accepted does not mean that the model was asked already, and the agent is idle before it begins as well.
      await waitFor(() => timesHeard(text) > 0, { timeoutMs: 30_000, what: `${what} at the model` });
      await box.untilResting("app-1");
    }
    const times = Object.fromEntries(Object.entries(HOSTILE).map(([what, text]) => [what, timesHeard(text)]));
    expect(times).toEqual(Object.fromEntries(Object.keys(HOSTILE).map((what) => [what, 1])));
    expect(users().length).toBe(1 + Object.keys(HOSTILE).length);
  },
});

scenario({
  name: "64 KiB arrive complete",
  needs: "messages",
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    const text = `begin ${"0123456789abcdef ".repeat(3_700)}end`;
    await box.say("app-1", text);
    await box.untilHeard("0123456789abcdef end");
    const [conversation] = box.model.truth.saying("mark of app-1");
    expect(plain(conversation?.users.at(-1) ?? "")).toContain(plain(text));
    await box.untilResting("app-1");
  },
});

scenario({
  name: "a user's unfinished draft is not sent along",
  needs: "draft",
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    box.type("app-1", ["-l", "half a thought of the hum"]);
    await waitFor(() => box.screen("app-1").includes("thought of the hum"), { timeoutMs: 30_000, what: "the draft" });
    await box.get("send", { session: "app-1", text: "from outside", isWaiting: false });
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // enough time for a message to do harm
    // Held, or delivered in another way that leaves the draft alone.
    expect(box.screen("app-1")).toContain("thought of the hum");
    box.type("app-1", ["-l", "an"]);
    await waitFor(() => box.screen("app-1").includes("thought of the human"), { timeoutMs: 30_000, what: "the rest" });
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // an Enter right after a letter counts as pasted
    box.type("app-1", ["Enter"]);
    await box.untilHeard("half a thought of the human");
    await box.untilHeard("from outside");
    const [conversation] = box.model.truth.saying("mark of app-1");
    const said = conversation?.users.slice(1).map(plain).sort();
    expect(said).toEqual(["from outside", "half a thought of the human"]);
    await box.untilResting("app-1");
  },
});
