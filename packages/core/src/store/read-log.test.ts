import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { createReader } from "./read-log.ts";
import type { Store } from "./store.ts";
import { changed, openReal } from "./testing/sample.ts";

function tell(store: Store, from: number, to: number): void {
  for (let number = from; number <= to; number++) {
    const sessionId = `app-${1 + (number % 2)}`;
    const draft = { type: "session.working", message: `event ${number}`, data: { number } } as const;
    const events = [{ draft, sessionId, projectId: "app" }];
    store.commit({ next: changed(store.state, sessionId, { turns: number }), events });
  }
}

const messages = (records: Iterable<Record<string, unknown>>) => [...records].map(({ message }) => message);

it("reads forward from a position, backward from the end, and by session, over many segments", () => {
  const store = openReal(tempDir("ao-log"), { segmentBytes: 1500 });
  tell(store, 1, 60);
  const isPublic = { isPublic: true };
  const all = [...store.log.read({ filter: isPublic })];
  expect(messages(all)).toEqual(Array.from({ length: 60 }, (_, index) => `event ${index + 1}`));
  const from = all[40]?.seq ?? 0;
  expect(messages(store.log.read({ fromSeq: from, limit: 2, filter: isPublic }))).toEqual(["event 41", "event 42"]);
  expect(messages(store.log.tail(3, isPublic))).toEqual(["event 58", "event 59", "event 60"]);
  expect(messages(store.log.tail(2, { ...isPublic, sessionId: "app-2" }))).toEqual(["event 57", "event 59"]);
  expect(messages(store.log.tail(1000, { ...isPublic, projectId: "other" }))).toEqual([]);
  expect(store.log.tail(1000).map(({ seq }) => seq)).toEqual(Array.from({ length: store.state.seq }, (_, i) => i + 1));
  store.close();
});

it("follows commits line by line, into new segments and from another process", () => {
  const store = openReal(tempDir("ao-log"), { segmentBytes: 1500 });
  tell(store, 1, 5);
  const cursor = store.log.follow(store.state.seq, { isPublic: true });
  const other = createReader({ dir: store.layout.events }).follow(0, { isPublic: true });
  expect(cursor.next()).toEqual([]);
  expect(messages(other.next())).toHaveLength(5);
  for (let round = 1; round <= 5; round++) {
    const from = round * 10;
    tell(store, from, from + 7);
    const expected = Array.from({ length: 8 }, (_, index) => `event ${from + index}`);
    expect(messages(cursor.next())).toEqual(expected);
    expect(messages(other.next())).toEqual(expected);
  }
  expect(cursor.next()).toEqual([]);
  store.close();
});

it("reads nothing if there is no log", () => {
  const reader = createReader({ dir: "/nonexistent/events" });
  expect([...reader.read()]).toEqual([]);
  expect(reader.tail(5)).toEqual([]);
  expect(reader.follow(0).next()).toEqual([]);
});
