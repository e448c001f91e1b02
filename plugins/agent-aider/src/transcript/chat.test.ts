import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { type ChatEvent, ChatParser } from "./chat.ts";
import { EMPTY_HISTORY, foldChat, type History } from "./history.ts";

function eventsOf(text: string): ChatEvent[] {
  const parser = new ChatParser();
  return [...text.split("\n").flatMap((line) => parser.add(line)), ...parser.end()];
}

/** The state after the line that contains this. */
function after(mark: string): History {
  const text = fixture("chat.history.md");
  const end = text.indexOf("\n", text.indexOf(mark));
  return eventsOf(text.slice(0, end + 1)).reduce(foldChat, EMPTY_HISTORY);
}

const kinds = (...wanted: ChatEvent["kind"][]) =>
  eventsOf(fixture("chat.history.md")).filter(({ kind }) => wanted.includes(kind));

test("the user's messages are complete, and nothing from the model is taken for one", () => {
  expect(kinds("user")).toEqual([
    { kind: "user", text: "Add a greeting to src/hello.py\n\nand a test" },
    { kind: "user", text: "go on" },
    { kind: "user", text: "once more" },
  ]);
});

test("starts, the model, commits and commands are reported", () => {
  expect(kinds("started", "model", "commit", "running")).toEqual([
    { kind: "started", at: "2026-05-22 10:00:00" },
    { kind: "model", name: "gpt-4o" },
    { kind: "commit", hash: "a1b2c3d", title: "feat: greet" },
    { kind: "running", command: "python -m pytest -q" },
    { kind: "running", command: "echo done" },
  ]);
});

test("usage is read from one line or from two", () => {
  expect(kinds("usage")).toEqual([
    { kind: "usage", usage: { sent: 2_300, cacheWrite: 0, cacheHit: 0, received: 120, sessionUsd: 0.01 } },
    { kind: "usage", usage: { sent: 12_000, cacheWrite: 1_100, cacheHit: 10_000, received: 1_500, sessionUsd: null } },
    { kind: "usage", usage: { sent: 0, cacheWrite: 0, cacheHit: 0, received: 0, sessionUsd: 0.0412 } },
  ]);
});

test("aider's own answers to a group of questions are not messages", () => {
  const [event] = eventsOf("\n#### Add file to the chat? (Y)es/(N)o/(A)ll/(S)kip all/(D)on't ask again [Yes]: all  ");
  expect(event?.kind).toBe("answered");
});

test.each([
  ["and a test", { isTurnOpen: true, subject: null }],
  ["> src/hello.py", { subject: "src/hello.py" }],
  ["Add file to the chat?", { isTurnOpen: true, subject: null }],
  ["> tests/test_hello.py", { subject: "tests/test_hello.py" }],
  ["echo done  ", { subject: "python -m pytest -q\necho done" }],
  ["Running echo done", { running: "echo done" }],
  ["again to exit", { isInterrupted: true, isTurnOpen: true }],
  ["once more", { isInterrupted: false, running: null }],
  ["Please try again in", { refusal: expect.objectContaining({ what: "limit" }), isRetrying: false }],
  ["Retrying in", { refusal: { what: "limit", text: expect.stringMatching(/^litellm\..*1m30s/) }, isRetrying: true }],
  ["12k sent", { refusal: null, isRetrying: false }],
])("after %j", (mark, expected) => {
  expect(after(mark)).toMatchObject(expected);
});

test("a new start forgets the turn that a crash left open", () => {
  const history = eventsOf("\n#### do it  \n\n# aider chat started at 2026-05-22 11:00:00\n").reduce(
    foldChat,
    after("again to exit"),
  );
  expect(history).toEqual({ ...EMPTY_HISTORY, runs: 2 });
});
