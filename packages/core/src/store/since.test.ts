import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import type { LogRecord } from "./segment.ts";
import { readSince } from "./since.ts";
import { changed, openReal } from "./testing/sample.ts";

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`;
let seq = 0;
const line = (minute: number, type: string, more: object = {}): LogRecord => {
  seq += 1;
  return { seq, ts: at(minute), epoch: 1, type, ...more };
};
const spent = (minute: number, key: string, total: unknown) => line(minute, "ao.spend", { key, spend: { total } });
const reader = (records: LogRecord[]) => ({ backwards: () => [...records].reverse() });
const since = (records: LogRecord[], minute: number) =>
  readSince(reader(records), { from: at(minute), types: ["pr.merged"] });

it("returns the events of a type since a time, oldest first", () => {
  const records = [line(1, "pr.merged"), line(5, "pr.merged"), line(6, "ci.passing"), line(7, "pr.merged")];
  const found = since(records, 5);
  expect(found.events.map(({ ts }) => ts)).toEqual([at(5), at(7)]);
  expect(found).toMatchObject({ isCut: false, spentBefore: {} });
});

it("finds what each project had used before, and only of those that used something since", () => {
  const records = [
    spent(1, "one", ["old"]),
    spent(2, "one", ["before"]),
    spent(3, "idle", ["idle"]),
    spent(6, "one", ["now"]),
    spent(7, "new", ["new"]),
  ];
  expect(since(records, 5).spentBefore).toEqual({ one: ["before"], new: [] });
});

it("does not read the whole log for a project whose last use was long ago", () => {
  let read = 0;
  const lines = function* () {
    yield spent(9, "one", ["now"]);
    for (; read < 400_000; read += 1) yield line(1, "ao.session");
    yield spent(0, "one", ["ages ago"]);
  };
  const found = readSince({ backwards: lines }, { from: at(5), types: [] });
  expect(found.spentBefore).toEqual({ one: null });
  expect(read).toBeLessThan(210_000);
});

it("reads a real log from its end, over several segments", () => {
  const store = openReal(tempDir("ao-log"), { segmentBytes: 1500 });
  for (let number = 1; number <= 40; number += 1) {
    const draft = { type: "pr.merged", message: `event ${number}`, data: { number } } as const;
    const events = [{ draft, sessionId: "app-1", projectId: "app" }];
    store.commit({ next: changed(store.state, "app-1", { turns: number }), events });
  }
  const all = [...store.log.backwards()];
  expect(all.map((record) => record.seq)).toEqual(all.map((_, index) => store.state.seq - index));
  const found = readSince(store.log, { from: "2000-01-01T00:00:00.000Z", types: ["pr.merged"] });
  expect(found.events.map(({ message }) => message)).toEqual(Array.from({ length: 40 }, (_, at) => `event ${at + 1}`));
  store.close();
});
