import { appendFileSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { recall } from "./host/memory.ts";
import { openJournal, readJournal } from "./journal.ts";
import type { JournalEntry } from "./wire.ts";

const at = "2026-01-01T00:00:00.000Z";
const sent = (id: string): JournalEntry => ({ k: "sent", at, id });

test("each line is read once, and an incomplete line is left for later", () => {
  const path = join(tempDir(), "journal.jsonl");
  expect(readJournal(path, 0)).toEqual({ entries: [], end: 0 });
  const journal = openJournal(path);
  journal.add(sent("a"));
  journal.addSurely(sent("ü"));
  const first = readJournal(path, 0);
  expect(first.entries).toEqual([sent("a"), sent("ü")]);
  expect(first.end).toBe(journal.size());
  appendFileSync(path, '{"k":"sent"');
  expect(readJournal(path, first.end)).toEqual({ entries: [], end: first.end });
  // The next host ends the incomplete line, which is then ignored.
  openJournal(path).add(sent("b"));
  expect(readJournal(path, first.end).entries).toEqual([sent("b")]);
});

test("a journal that is shorter than what was read is a new one", () => {
  const path = join(tempDir(), "journal.jsonl");
  openJournal(path).add(sent("a"));
  const { length } = readFileSync(path);
  truncateSync(path, 0);
  openJournal(path).add(sent("b"));
  expect(readJournal(path, length + 10).entries).toEqual([sent("b")]);
});

test("a host remembers what was sent, what never was, and its conversation", () => {
  const session = { k: "session", at, id: "s", cwd: "/w", agent: "a", canReturn: true } as const;
  const memory = recall([{ k: "queued", at, id: "1" }, sent("1"), { k: "queued", at, id: "2" }, session]);
  expect([...memory.sent]).toEqual(["1"]);
  expect(memory.waiting).toEqual(["2"]);
  expect(memory.session).toEqual(session);
  expect(recall([session, { k: "lost", at, id: "s" }]).session).toBe(null);
});
