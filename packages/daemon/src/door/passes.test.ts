import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { createPasses } from "./passes.ts";

function bench() {
  const clock = fakeClock();
  const daemon = join(tempDir(), "daemon");
  ensureDir(daemon);
  const again = () => createPasses({ clock, layout: { daemon } });
  return { clock, daemon, again, passes: again() };
}

test("a code buys one token, within a minute", async () => {
  const { clock, passes } = bench();
  const code = passes.newCode();
  expect(passes.login(code)).toMatch(/^[0-9a-f]{64}$/);
  expect(passes.login(code)).toBeNull();
  const late = passes.newCode();
  await clock.advance(60_001);
  expect(passes.login(late)).toBeNull();
  expect(passes.login("")).toBeNull();
});

test("a ticket is good once, for 30 s, and only as long as its login", async () => {
  const { clock, passes } = bench();
  const holder = passes.holderOf(passes.login(passes.newCode()) ?? "") ?? "";
  const ticket = passes.newTicket(holder);
  expect(passes.useTicket(ticket)).toBe(holder);
  expect(passes.useTicket(ticket)).toBeNull();
  const late = passes.newTicket(holder);
  await clock.advance(30_001);
  expect(passes.useTicket(late)).toBeNull();
  const revoked = passes.newTicket(holder);
  passes.revoke(holder);
  expect(passes.useTicket(revoked)).toBeNull();
});

test("a login outlives the daemon, and its file has only the hash and is the user's own", () => {
  const { daemon, again, passes } = bench();
  const token = passes.login(passes.newCode()) ?? "";
  const path = join(daemon, "door.json");
  expect(readFileSync(path, "utf8")).not.toContain(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(again().holderOf(token)).toBe(passes.holderOf(token));
  expect(passes.holderOf(token)).not.toBeNull();
});

test("a login that nobody used for 30 days ends, and one that is used goes on", async () => {
  const { clock, again, passes } = bench();
  const [used, left] = [passes.login(passes.newCode()) ?? "", passes.login(passes.newCode()) ?? ""];
  for (let day = 0; day < 31; day += 1) {
    await clock.advance(24 * 3_600_000);
    expect(passes.holderOf(used)).not.toBeNull();
  }
  expect(passes.holderOf(left)).toBeNull();
  expect(again().holderOf(used)).not.toBeNull();
});

test("revoking ends all logins, at once and for later daemons, and the links that nobody used", () => {
  const { again, passes } = bench();
  const tokens = [1, 2, 3].map(() => passes.login(passes.newCode()) ?? "");
  const code = passes.newCode();
  const gone: string[] = [];
  passes.onRevoked((holder) => gone.push(holder));
  expect(passes.revoke()).toBe(3);
  expect(gone).toHaveLength(3);
  for (const token of tokens) expect([passes.holderOf(token), again().holderOf(token)]).toEqual([null, null]);
  expect(passes.login(code)).toBeNull();
});

test("a flood of wrong codes is turned away and passes, and the right one counts in the middle of it", async () => {
  const { clock, passes } = bench();
  for (let guess = 0; guess < 1000; guess += 1) passes.noteWrong();
  expect(passes.isFlooded()).toBe(true);
  expect(passes.login(passes.newCode())).not.toBeNull();
  await clock.advance(60_001);
  expect(passes.isFlooded()).toBe(false);
});

test("a damaged file means that everybody logs in again, and nothing worse", async () => {
  const { daemon, again, passes } = bench();
  const token = passes.login(passes.newCode()) ?? "";
  const { writeFileSync } = await import("node:fs");
  for (const text of ["", "{", "[]", '{"tokens":[{"hash":1}]}', '{"tokens":"x"}']) {
    writeFileSync(join(daemon, "door.json"), text);
    const next = again();
    expect(next.holderOf(token)).toBeNull();
    expect(next.holderOf(next.login(next.newCode()) ?? "")).not.toBeNull();
  }
});
