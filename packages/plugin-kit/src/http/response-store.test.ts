import { createHmac } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf, openResponseStore, type StoredResponse } from "./response-store.ts";

const seal = (text: string): string => createHmac("sha256", "only the daemon").update(text).digest("hex");
const answer = (body: string | Uint8Array): StoredResponse => ({
  status: 200,
  headers: [["content-type", "application/json"]],
  etag: '"abc"',
  lastModified: null,
  body: Buffer.from(body),
});

function world(
  more: { maxBytes?: number; seal?: (text: string) => string } = {},
  dir = join(tempDir("ao-http"), "kept"),
) {
  const warnings: string[] = [];
  const log = { debug: () => undefined, warn: (text: string) => void warnings.push(text) };
  return {
    dir,
    warnings,
    again: () => world(more, dir),
    store: openResponseStore({ dir, maxBytes: 1 << 20, log, ...more }),
  };
}

const KEY = keyOf("https://api.example.com/x", "token");

test("an answer reads back byte by byte, also by the next daemon, and only the user can read the file", () => {
  const { store, again, dir } = world({ seal });
  const bytes = Buffer.from([0, 10, 13, 255, 123, 10, 10]);
  store.put(KEY, answer(bytes));
  expect(store.get(KEY)).toEqual(answer(bytes));
  expect(again().store.get(KEY)).toEqual(answer(bytes));
  expect(again().store.get(keyOf("https://api.example.com/x", "another token"))).toBeNull();
  expect(readdirSync(dir)).toEqual([KEY]);
  expect(statSync(join(dir, KEY)).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

test("whatever happens to the bytes of a file, it is ignored and can be replaced", () => {
  const first = world({ seal });
  first.store.put(KEY, answer('{"checks":"red"}'));
  const file = join(first.dir, KEY);
  const good = readFileSync(file);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
        fc.record({ at: fc.nat(good.length - 1), by: fc.integer({ min: 1, max: 255 }) }).map(({ at, by }) => {
          const bad = Buffer.from(good);
          bad[at] = (bad[at] ?? 0) ^ by;
          return bad;
        }),
        fc.uint8Array({ maxLength: 300 }),
      ),
      (bytes) => {
        writeFileSync(file, bytes);
        const { store } = first.again();
        expect(store.get(KEY)).toBeNull();
        store.put(KEY, answer("{}"));
        expect(store.get(KEY)).toEqual(answer("{}"));
      },
    ),
    { numRuns: 60 },
  );
});

test("a file that an agent wrote is not believed", () => {
  const honest = world({ seal });
  honest.store.put(KEY, answer('{"checks":"red"}'));
  world({ seal: (text) => keyOf(text) }, honest.dir).store.put(KEY, answer('{"checks":"green"}'));
  expect(honest.again().store.get(KEY)).toBeNull();
  // Nor is another answer in its place.
  const other = keyOf("another");
  honest.store.put(other, answer('{"checks":"green"}'));
  writeFileSync(join(honest.dir, KEY), readFileSync(join(honest.dir, other)));
  expect(honest.again().store.get(KEY)).toBeNull();
});

test("no link is followed, neither for a file nor for the folder", () => {
  const { store, dir, again } = world();
  store.put(KEY, answer("{}"));
  const outside = join(tempDir("ao-outside"), "file");
  writeFileSync(outside, readFileSync(join(dir, KEY)));
  unlinkSync(join(dir, KEY));
  symlinkSync(outside, join(dir, KEY));
  const before = readFileSync(outside);
  expect(again().store.get(KEY)).toBeNull();
  symlinkSync(outside, join(dir, keyOf("b")));
  again().store.put(keyOf("b"), answer("[]"));
  expect(readFileSync(outside)).toEqual(before);
  expect(again().store.get(keyOf("b"))).toEqual(answer("[]"));

  const target = tempDir("ao-target");
  const link = join(tempDir("ao-link"), "kept");
  symlinkSync(target, link);
  const linked = world({}, link);
  linked.store.put(KEY, answer("{}"));
  linked.store.put(KEY, answer("{}"));
  expect([linked.store.get(KEY), readdirSync(target), readlinkSync(link)]).toEqual([null, [], target]);
  expect(linked.warnings).toEqual([expect.stringMatching(/symbolic link/)]);
});

test("the oldest make room, those that were used last stay, and one large answer drives out none", () => {
  const { store, dir, again } = world({ maxBytes: 10_000 });
  const keys = Array.from({ length: 12 }, (_, index) => keyOf(String(index)));
  for (const key of keys.slice(0, 6)) store.put(key, answer("x".repeat(1_000)));
  expect(store.get(keys[0] ?? "")).not.toBeNull();
  for (const key of keys.slice(6)) store.put(key, answer("x".repeat(1_000)));
  const total = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  expect(total).toBeLessThanOrEqual(10_000);
  expect(store.get(keys[0] ?? "")).not.toBeNull();
  expect(store.get(keys[1] ?? "")).toBeNull();
  expect(store.get(keys[11] ?? "")).not.toBeNull();
  const kept = readdirSync(dir).length;
  again().store.put(keyOf("large"), answer("x".repeat(5_000)));
  expect(readdirSync(dir)).toHaveLength(kept);
});

test("other files in the folder stay, and a folder in a file's place is only not used", () => {
  const { store, dir, again } = world();
  store.put(KEY, answer("{}"));
  writeFileSync(join(dir, "notes.txt"), "mine");
  mkdirSync(join(dir, keyOf("folder")));
  const { store: next, warnings } = again();
  expect(next.get(keyOf("folder"))).toBeNull();
  next.put(keyOf("folder"), answer("{}"));
  expect(next.get(KEY)).toEqual(answer("{}"));
  expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("mine");
  expect(warnings).toHaveLength(1);
});

test.skipIf(process.getuid?.() === 0)("a folder that cannot be written costs one line in the log", () => {
  const parent = tempDir("ao-closed");
  chmodSync(parent, 0o500);
  const { store, warnings } = world({}, join(parent, "kept"));
  store.put(KEY, answer("{}"));
  store.put(KEY, answer("{}"));
  expect([store.get(KEY), warnings.length]).toEqual([null, 1]);
});
