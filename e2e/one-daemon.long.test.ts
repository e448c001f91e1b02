import { readFileSync, writeFileSync } from "node:fs";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { daemonsOf } from "./support/processes.ts";
import { Sandbox } from "./support/sandbox.ts";
import { figure, rounds } from "./support/tier.ts";

let box: Sandbox | null = null;
afterEach(async () => {
  await box?.close();
  box = null;
});

const ROUNDS = rounds(3, 30);
const CALLERS = 6;

/** Daemons that lost the race for the lock take a moment to exit. */
const onlyOne = (of: Sandbox) =>
  waitFor(() => daemonsOf(of.home).length === 1, { timeoutMs: 2_000, what: "one daemon alone" });

it(`${ROUNDS} times ${CALLERS} simultaneous first commands end with one daemon and ${CALLERS} answers`, async () => {
  const slowest: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    box = new Sandbox();
    const first = box;
    const answers = await Promise.all(Array.from({ length: CALLERS }, () => first.ao("status", "--json")));
    expect(answers.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      answers.map(() => ({ status: 0, stderr: "" })),
    );
    for (const { stdout } of answers) expect(JSON.parse(stdout).data).toEqual([]);
    await onlyOne(box);
    const pong = await box.get("ping", {});
    expect(pong.epoch, "starts that got as far as the state").toBe(1);
    expect(pong.pid).toBe(daemonsOf(box.home)[0]?.pid);
    slowest.push(Math.max(...answers.map(({ ms }) => ms)));
    await box.close();
    box = null;
  }
  const sorted = slowest.toSorted((a, b) => a - b);
  const median = Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
  figure(
    `${ROUNDS} × ${CALLERS} first commands: ${ROUNDS} × 1 daemon, all answered; the slowest of six ${median} ms median, ${Math.round(sorted.at(-1) ?? 0)} ms worst`,
  );
}, 300_000);

it("six `ao start` at once are one daemon, and `ao stop` ends it", async () => {
  box = new Sandbox();
  const first = box;
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => first.ao("start")));
  expect(answers.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0]);
  await onlyOne(box);
  const stopped = await box.ao("stop");
  expect(stopped.status).toBe(0);
  expect(daemonsOf(box.home)).toEqual([]);
});

it("a daemon file that names another live process never causes a signal to it", async () => {
  box = new Sandbox();
  await box.ao("status");
  await box.kill9();
  const file = `${box.home}/daemon/daemon.json`;
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), pid: process.pid }));
  const signals: string[] = [];
  const note = (signal: string) => signals.push(signal);
  for (const name of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(name, note);
  const stopped = await box.ao("stop");
  const status = await box.ao("status", "--json");
  for (const name of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.off(name, note);
  expect(signals).toEqual([]);
  expect([0, 69]).toContain(stopped.status);
  expect(status.status).toBe(0);
});
