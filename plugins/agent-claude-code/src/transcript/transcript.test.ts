import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TRIED } from "../launch/program.ts";
import { type Folded, fold, nothingFolded } from "./fold.ts";
import { answerIn, readLine, type TranscriptEvent } from "./line.ts";

const lines = (version: string, name: string): unknown[] =>
  readFileSync(join(import.meta.dirname, "../fixtures", `claude-code-${version}`, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
const events = (version: string): TranscriptEvent[] => lines(version, "transcript.jsonl").flatMap(readLine);
const foldAll = (all: TranscriptEvent[]): Folded => all.reduce(fold, nothingFolded());

for (const version of TRIED) {
  test(`${version}: tells the user's words, and nothing that the program says in their name`, () => {
    const prompts = events(version).flatMap((event) => (event.kind === "prompt" ? [event.text] : []));
    expect(prompts[0]).toContain("%%write hello.txt");
    expect(prompts).toContain("queued words");
    expect(prompts.filter((text) => text.trimStart().startsWith("<"))).toEqual([]);
  });

  test(`${version}: a queued message goes in and out of the queue`, () => {
    const all = events(version);
    const queued = all.findIndex((event) => event.kind === "enqueued" && event.text === "queued words");
    expect(foldAll(all.slice(0, queued + 1)).queued).toBe(1);
    expect(foldAll(all).queued).toBe(0);
  });

  test(`${version}: an answer that is written as several lines counts once`, () => {
    const answers = lines(version, "transcript.jsonl")
      .map(answerIn)
      .filter((answer) => answer !== null);
    const once = new Map(answers.map((answer) => [answer.messageId, answer]));
    expect(answers.length).toBeGreaterThan(once.size);
    const tokens = Object.values(foldAll(events(version)).tokens);
    const outputs = [...once.values()].reduce((sum, answer) => sum + answer.tokens.output, 0);
    expect(tokens.reduce((sum, each) => sum + each.output, 0)).toBe(outputs);
    expect(tokens.reduce((sum, each) => sum + each.cacheRead, 0)).toBe(once.size * 50);
  });

  test(`${version}: an error of the API, by its kind, until the next turn begins`, () => {
    const all = events(version);
    const failures = all.flatMap((event, index) => (event.kind === "failed" ? [{ ...event.failure, index }] : []));
    expect(failures.map(({ kind }) => kind)).toEqual(["request", "busy"]);
    expect(failures[0]?.text).toBe("API Error: 400 scripted 400");
    const [first] = failures;
    expect(foldAll(all.slice(0, (first?.index ?? 0) + 1)).failure?.kind).toBe("request");
    expect(foldAll(all).failure).toBe(null);
  });

  test(`${version}: an interrupt ends what was open`, () => {
    const all = events(version);
    const at = all.findLastIndex((event) => event.kind === "interrupted");
    const before = foldAll(all.slice(0, at));
    const after = foldAll(all.slice(0, at + 1));
    expect([before.interruptedAt === after.interruptedAt, after.open]).toEqual([false, []]);
  });

  test(`${version}: the tool that runs, and what it does`, () => {
    const all = events(version);
    const begun = all.findIndex((event) => event.kind === "tool-begun" && event.name === "Bash");
    expect(foldAll(all.slice(0, begun + 1)).open).toMatchObject([{ name: "Bash", what: "git status" }]);
    expect(foldAll(all).open).toEqual([]);
  });

  test(`${version}: a title, and the last prompt`, () => {
    const folded = foldAll(events(version));
    expect(folded.lastPrompt ?? folded.title).not.toBe(null);
  });

  test(`${version}: what a subagent does is none of the main conversation's`, () => {
    expect(lines(version, "subagent.jsonl").flatMap(readLine)).toEqual([]);
    expect(
      lines(version, "subagent.jsonl")
        .map(answerIn)
        .filter((answer) => answer !== null).length,
    ).toBeGreaterThan(0);
  });
}

test.each([null, 1, "x", [], {}, { type: "user" }, { type: "assistant", message: 7 }, { type: "system" }])(
  "a line of another shape is ignored: %j",
  (line) => {
    expect(readLine(line)).toEqual([]);
  },
);
