import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { recording, replay } from "./testing/replay.ts";

const PROMPT = "Please mend the greeting.";

test("OpenCode 1.18.33: a whole turn, as the user sees it and as ao gets it", async () => {
  const { talk, lines, journal, run } = replay(recording("opencode-1.18.33/turn.jsonl"), {
    allow: ["git add", "git commit", "git log"],
  });
  const begun = talk.begin();
  talk.submit({ id: null, text: PROMPT, from: "launch" });
  const running = run();
  const { dialog } = await waitFor(() => (talk.state().dialog === null ? null : talk.state()));
  expect(talk.state()).toMatchObject({ phase: "asking", tool: "ls /nowhere" });
  expect(talk.answer(dialog?.id ?? "", { number: 1, label: "Allow once", isAlways: false })).toBe(null);
  await Promise.all([running, begun]);
  await waitFor(() => talk.state().phase === "ready");
  expect(`\n${lines.join("\n")}\n`).toBe(SEEN);
  expect(journal.map(({ k }) => k)).toEqual(["session", "accepted", "repository", "usage", "usage", "turn"]);
  expect(journal[0]).toMatchObject({ agent: "OpenCode 1.18.33", canReturn: true });
  expect(journal[4]).toMatchObject({
    usage: { models: [{ model: "fake/fake-1", tokens: { input: 1200, output: 42 }, usd: 0.01995 }] },
  });
});

const SEEN = `
OpenCode 1.18.33 · ses_de5c29133ffeiz075RFhoVczLx · permissions: edits
────────────────────────────────────────────────────────────

» Please mend the greeting.

● Step 1: write.
✔ edit: hello.txt
    Wrote file successfully.

● Step 2: edit.
✔ edit: hello.txt
    Edit applied successfully.
    hello.txt (+1 −1)
    - world
    + moon

● Step 3: sh.
⚙ git add -A && git commit -q -m "feat: hello" && git log --oneline -1
✔ git add -A && git commit -q -m "feat: hello" && git log --oneline -1
    2756c39 feat: hello

● Step 4: sh.

? May it run this? ls /nowhere
    1. Allow once
    2. Always allow
    3. Reject
  Type the number of a choice.
→ Allow once
⚙ ls /nowhere
✔ ls /nowhere
    ls: cannot access '/nowhere': No such file or directory

● All of it is **done**:\\n\\n- the file\\n- the commit
`;
