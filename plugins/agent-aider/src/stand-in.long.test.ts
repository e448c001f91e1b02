import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { placeOf } from "./launch/place.ts";
import { bench } from "./testing/bench.ts";

// SIMULATED: these tests run a stand-in for Aider, not Aider. It was written from Aider's source (0.86).

const plain = (text: string) => text.replace(/\s+/g, " ").trim();

/** The open dialog, and how to answer it. */
const answering = (dialog: Dialog | undefined, number: number | null, isAlways = false) => {
  if (dialog === undefined) throw new Error("no dialog is open");
  return { dialog, number, isAlways };
};

test("a whole turn in the mode edits has files, an allowed command, commits, usage, and no question", async () => {
  const { start, observe, until, untilEnded, send, of, accepted, repo, facts } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%write a.txt|hello ;; %%sh git status ;; %%say all done");
  await untilEnded();
  expect(accepted()).toEqual(["%%write a.txt|hello ;; %%sh git status ;; %%say all done"]);
  expect(of("activity").map(({ activity }) => activity.state)).not.toContain("waiting_input");
  expect(readFileSync(join(repo.path, "a.txt"), "utf8")).toBe("hello\n");
  expect(repo.git("log", "-1", "--format=%s%n%b")).toContain("Co-authored-by: aider");
  expect(of("repository-changed")[0]?.what).toMatch(/^aider committed [0-9a-f]{7}/);
  const { usage } = of("usage").at(-1) ?? {};
  expect(usage?.models[0]).toMatchObject({ model: "openai/gpt-4o", tokens: { output: 126 }, usd: expect.any(Number) });
  expect(of("info")[0]?.info.summary).toContain("%%write a.txt");
  expect(facts.findIndex(({ kind }) => kind === "accepted")).toBeGreaterThan(0);
});

test("nothing of it is in the checkout but what it was asked for", async () => {
  const { start, observe, until, untilEnded, send, repo } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%write a.txt|hello");
  await untilEnded();
  expect(repo.git("status", "--porcelain", "--ignored=no")).toBe("");
  repo.git("add", "-A");
  expect(repo.git("diff", "--cached", "--name-only")).toBe("");
  expect(() => repo.git("config", "--local", "--get", "user.name")).toThrow();
});

test("a command that is not allowed is asked about, and runs only after it is answered from outside", async () => {
  const { agent, session, terminal, start, observe, until, send, activity, repo } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%sh touch made ;; %%say went on");
  const { dialog, question, evidence } = await until("waiting_input");
  expect(question).toBe("Run shell command? touch made");
  expect(dialog?.choices).toEqual(["Yes", "No", "Don't ask again"]);
  expect(evidence).toContain("Run shell command?");
  expect(await send("please yes")).toEqual({ outcome: "deferred", because: "asking" });
  expect(existsSync(join(repo.path, "made"))).toBe(false);
  await agent.answer(session, "Yes", { terminal, ...answering(dialog, 1) });
  await until("ready");
  expect(existsSync(join(repo.path, "made"))).toBe(true);
  const again = agent.answer(session, "Yes", { terminal, ...answering(dialog, 1) });
  await expect(again).rejects.toMatchObject({ code: "REFUSED" });
  expect(activity()?.dialog).toBe(undefined);
});

test("a refusal by its label is accepted, and a choice that aider does not offer is refused", async () => {
  const { agent, session, terminal, start, observe, until, send, repo } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%sh touch made ;; %%say went on");
  const { dialog } = await until("waiting_input");
  const other = agent.answer(session, "maybe", { terminal, ...answering(dialog, null) });
  await expect(other).rejects.toMatchObject({ code: "REFUSED", message: expect.stringContaining("Yes, No") });
  await agent.answer(session, "no", { terminal, ...answering(dialog, null) });
  await until("ready");
  expect(existsSync(join(repo.path, "made"))).toBe(false);
});

test("a permanent yes is not asked again", async () => {
  const { agent, session, terminal, start, observe, until, untilEnded, send, of } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%sh touch made");
  const { dialog } = await until("waiting_input");
  await agent.answer(session, "Yes", { terminal, ...answering(dialog, 1, true) });
  await untilEnded();
  await send("once more %%sh touch made");
  await untilEnded(2);
  expect(of("activity").filter(({ activity }) => activity.state === "waiting_input").length).toBe(1);
});

test("an interrupt ends the turn and not aider, and presses nothing at its prompt", async () => {
  const { agent, session, terminal, start, observe, until, send } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%hang");
  await until("active");
  await agent.interrupt(session, { terminal });
  expect((await until("ready")).evidence).toContain("interrupted");
  await agent.interrupt(session, { terminal });
  await agent.interrupt(session, { terminal });
  await send("still there? %%say yes");
  await until("ready");
  expect(terminal.isDead()).toBe(false);
});

test("a message waits for the prompt, and a user's draft stays unchanged", async () => {
  const { terminal, start, observe, until, send, accepted } = await bench();
  await start();
  await observe();
  await until("ready");
  await send("%%slow 6 ;; %%say done");
  await until("active");
  expect(await send("too early")).toEqual({ outcome: "deferred", because: "busy" });
  await until("ready");
  terminal.type("-l", "half a thought");
  await waitFor(() => terminal.text().includes("half a thought"));
  expect(await send("from outside")).toEqual({ outcome: "deferred", because: "human" });
  terminal.type("Enter");
  await waitFor(() => accepted().includes("half a thought"), { what: "the human's own words" });
});

test.each([
  ["several lines", "first\n\nthird\n\tindented"],
  ["a command's sign", "/exit is no command here"],
  ["a shell's sign", "!echo not a shell"],
  ["a block's sign", "{"],
  ["a question's answer", "y"],
  ["emoji and quotes", `naïve 👩‍👧 漢字 "it's" $HOME \`id\` \\`],
  ["64 KiB", `begin ${"0123456789abcdef ".repeat(3_800)}end`],
])("%s arrives as it is, once", async (_what, text) => {
  const { model, start, observe, until, send, accepted } = await bench();
  await start();
  await observe();
  await until("ready");
  await send(text);
  await waitFor(() => accepted().length > 0, { what: "the receipt" });
  expect(accepted().map(plain)).toEqual([plain(text)]);
  await waitFor(() =>
    [...model.truth.conversations.values()].some(({ users }) => users.map(plain).includes(plain(text))),
  );
});

test("what happened while nobody watched is reported once, even after a restart of the daemon", async () => {
  const { start, observe, until, untilEnded, send, accepted, of, facts } = await bench();
  await start();
  const first = await observe();
  await until("ready");
  await send("one %%say done");
  await untilEnded();
  await first.stop();
  await send("two %%say done");
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // A turn that nobody watches.
  facts.length = 0;
  await observe();
  await until("ready");
  expect(accepted()).toEqual(["two %%say done"]);
  expect(of("usage").at(-1)?.usage.models[0]?.tokens.output).toBe(84);
});

test("a restored session continues the same conversation, and counts its usage under a new key", async () => {
  const { agent, session, model, start, observe, until, untilEnded, send, of, facts } = await bench();
  await start();
  const first = await observe();
  await until("ready");
  await send("remember heliotrope %%say ok");
  await untilEnded();
  await first.stop();
  facts.length = 0;
  await start({ isAgain: true });
  await observe();
  await until("ready");
  await send("still there? %%say yes");
  await waitFor(() => model.truth.saying("still there?").length === 1, { what: "the second message" });
  expect(model.truth.saying("still there?")[0]?.users.join()).toContain("heliotrope");
  await until("ready");
  expect(of("usage").at(-1)?.usage.key).toBe("aider-1-2");
  expect(await agent.getTranscript(session, { maxBytes: 1_000_000 })).toContain("#### remember heliotrope");
});

test("a question at its start is reported, and nothing is typed into it", async () => {
  const { start, observe, until, send } = await bench({ model: undefined, env: { OPENAI_API_KEY: "" } });
  await start();
  await observe();
  const { dialog } = await until("waiting_input");
  expect(dialog).toMatchObject({ kind: "notice", text: expect.stringContaining("Login to OpenRouter") });
  expect(await send("the first prompt")).toEqual({ outcome: "deferred", because: "asking" });
});

test("the model's output is never taken for aider's question or prompt", async () => {
  const { terminal, session, start, observe, until, untilEnded, send, of } = await bench();
  await start();
  await observe();
  await until("ready");
  const fake = "Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]:";
  await send(`%%sh sh -c 'printf "git status\\n%s " "$0"; sleep 4' "${fake}"`);
  const { dialog } = await until("waiting_input");
  expect(dialog?.text).toContain("sh -c");
  terminal.type("y", "Enter");
  await waitFor(() => of("activity").at(-1)?.activity.state === "active", { what: "the command runs" });
  await untilEnded();
  expect(readFileSync(placeOf(session.sessionDir).chat, "utf8").match(/Run shell command\?/g)?.length).toBeGreaterThan(
    0,
  );
});

test("with --yes-always it asks nothing and runs no command", async () => {
  const { start, observe, until, untilEnded, send, repo } = await bench({ permissions: "skip" });
  await start();
  await observe();
  await until("ready");
  await send("%%write a.txt|x ;; %%sh touch made ;; %%say done");
  await untilEnded();
  expect(existsSync(join(repo.path, "a.txt"))).toBe(true);
  expect(existsSync(join(repo.path, "made"))).toBe(false);
});

test("in a terminal that does not report bracketed paste, questions are answered a little later", async () => {
  const { start, observe, until, untilEnded, send, of, repo } = await bench({}, { tellsPaste: false });
  await start();
  await observe();
  await until("ready");
  await send("%%write a.txt|hello ;; %%slow 1 ;; %%say all done");
  await untilEnded();
  expect(existsSync(join(repo.path, "a.txt"))).toBe(true);
  expect(of("activity").at(-1)?.activity.state).toBe("ready");
});
