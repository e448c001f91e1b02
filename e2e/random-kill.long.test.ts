import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { daemonsOf, killIfAlive, processesOf } from "./support/processes.ts";
import { Sandbox } from "./support/sandbox.ts";
import { untidy } from "./support/tidy.ts";
import { figure, isNightly, newSeed, rounds, seededRandom } from "./support/tier.ts";

const ROUNDS = rounds(6, 120);
const SETTLES_WITHIN_MS = 10_000;
/** If the file named in `slow` exists, it runs long enough to be killed. Its child survives if only the shell is killed. */
const CHECK = `echo "begin $$ $(git rev-parse HEAD)" >> "$HOME/ci.log"; f=$(cat "$HOME/slow" 2>/dev/null); test -z "$f" || test ! -f "$f" || sleep 30; echo "end $$ $(git rev-parse HEAD)" >> "$HOME/ci.log"`;

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const seed = newSeed();
const random = seededRandom(seed);
const upTo = (ms: number) => Math.floor(random() * ms);
const times: number[] = [];
let texts = 0;

async function killDaemon(afterMs: number): Promise<void> {
  await sleep(afterMs);
  for (const { pid } of daemonsOf(box.home)) killIfAlive(pid);
}

/** The next command, and how long it takes until nothing is left over. */
async function settles(): Promise<void> {
  const began = performance.now();
  const status = await box.ao("status", "--json");
  expect(status.status, status.stdout + status.stderr).toBe(0);
  let problems: string[] = [];
  const isTidy = async () => {
    problems = await untidy(box);
    return problems.length === 0;
  };
  await waitFor(isTidy, { timeoutMs: SETTLES_WITHIN_MS, intervalMs: 50 }).catch(() => undefined); // reported below
  expect(problems, `after ${SETTLES_WITHIN_MS} ms`).toEqual([]);
  times.push(performance.now() - began);
}

const starts = (id: string) =>
  box.agentEvents().filter(({ event, session }) => event === "start" && session === id).length;
const living = async () => (await box.json<SessionView[]>("status")).filter(({ pid }) => pid !== null);
const ciLog = () => {
  const file = join(box.dir, "ci.log");
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  return lines.map((line) => line.split(" ") as [string, string, string]);
};

async function spawnRound(issues: string[]): Promise<string> {
  const afterMs = upTo(1_200);
  const [answer] = await Promise.all([box.ao("spawn", "app", ...issues, "--json"), killDaemon(afterMs)]);
  expect(answer.status, answer.stdout + answer.stderr).toBe(0);
  const ids = (JSON.parse(answer.stdout).data as SessionView[]).map(({ id }) => id);
  expect(ids).toHaveLength(issues.length);
  await settles();
  await waitFor(() => ids.every((id) => starts(id) > 0), { what: "the agents' starts" });
  for (const id of ids) expect(starts(id), `starts of ${id}`).toBe(1);
  return `spawn of ${issues.length}, killed after ${afterMs} ms`;
}

async function sendRound(): Promise<string> {
  const session = (await living())[upTo(3)] as SessionView;
  const text = `message ${++texts}; $(touch canary)`;
  const afterMs = upTo(500);
  const [answer] = await Promise.all([box.ao("send", session.id, text, "--json"), killDaemon(afterMs)]);
  await settles();
  const got = () => box.agentEvents().filter((event) => event.text === text).length;
  if (answer.status === 0) {
    await waitFor(() => got() > 0, { what: "the message at the agent" });
  } else {
    expect(answer.status, answer.stdout).toBe(1);
    expect(answer.stdout).toContain("UNCONFIRMED");
  }
  expect(got(), `times "${text}" arrived`).toBeLessThanOrEqual(1);
  return `send, killed after ${afterMs} ms: ${got()} arrived, exit ${answer.status}`;
}

async function ciRound(): Promise<string> {
  await waitFor(async () => (await living()).every(({ pr }) => pr?.ci === "passing"), {
    timeoutMs: 30_000,
    what: "quiet before the check",
  });
  const session = (await living())[upTo(3)] as SessionView;
  const tip = () => box.repo.git("rev-parse", session.branch).trim();
  const before = tip();
  writeFileSync(join(box.dir, "slow"), `work-${session.id}.txt`);
  await box.ao("send", session.id, `commit ${++texts}`);
  // The base is sometimes checked, too.
  const isOfTip = ([word, , sha]: string[]) => word === "begin" && sha === tip() && sha !== before;
  const begin = await waitFor(() => ciLog().find(isOfTip), { timeoutMs: 20_000, what: "a check that begins" });
  const [, shell, head] = begin;
  const afterMs = upTo(500);
  await killDaemon(afterMs);
  rmSync(join(box.dir, "slow"));
  await settles();
  const isPassing = async () => {
    const { pr } = await box.get("show", { session: session.id });
    return pr?.headSha === head && pr.ci === "passing";
  };
  await waitFor(isPassing, { timeoutMs: 20_000, what: "the check, run again" });
  const left = processesOf(box.home).filter(({ group }) => group === Number(shell));
  expect(left, "of the old process group").toEqual([]);
  expect(ciLog().filter(([word, , sha]) => word === "begin" && sha === head)).toHaveLength(2);
  expect(ciLog().filter(([word, , sha]) => word === "end" && sha === head)).toHaveLength(1);
  return `CI, killed ${afterMs} ms after its beginning`;
}

async function mergeRound(): Promise<string> {
  const session = (await living()).at(-1) as SessionView;
  await box.get("wait", { session: session.id, until: ["review_pending", "mergeable"], timeoutMs: 30_000 });
  expect((await box.ao("review", session.id, "--approve")).status).toBe(0);
  await box.get("wait", { session: session.id, until: ["mergeable"], timeoutMs: 20_000 });
  const afterMs = upTo(500);
  const [answer] = await Promise.all([box.ao("merge", session.id, "--yes", "--json"), killDaemon(afterMs)]);
  expect(answer.status, answer.stdout + answer.stderr).toBe(0);
  await settles();
  const merges = box.repo.git("log", "--merges", "--format=%s", "main").split("\n");
  expect(
    merges.filter(
      (subject) =>
        subject.includes(session.branch) || subject.includes(`#${session.pr?.number} `) || subject.includes(session.id),
    ),
    merges.join("|"),
  ).toHaveLength(1);
  expect(box.repo.git("show", `main:work-${session.id}.txt`)).toContain("prompt");
  return `merge, killed after ${afterMs} ms`;
}

const RUNTIMES = isNightly ? (["tmux", "process"] as const) : (["tmux"] as const);

it.each(RUNTIMES)(
  `${ROUNDS} random kills of the daemon leave nothing over, lost or duplicated on %s (SEED=${seed})`,
  async (runtime) => {
    figure(`seed ${seed}`);
    times.length = 0;
    const spawns = Math.ceil(ROUNDS / 4);
    box = new Sandbox({
      runtime,
      agentArgs: ["--own-file"],
      issues: spawns * 3,
      userConfig: "limits: { maxConcurrentSessions: 1000 }\n",
      project: `    scm: { plugin: local, ci: [{ name: slow, run: ${JSON.stringify(CHECK)} }] }`,
    });
    expect((await box.ao("trust")).status).toBe(0);
    const kinds = { spawn: spawnRound, send: sendRound, ci: ciRound, merge: mergeRound };
    for (let round = 0; round < ROUNDS; round++) {
      const kind = (["spawn", "send", "ci", "merge"] as const)[round % 4] as keyof typeof kinds;
      const first = (round / 4) * 3 + 1;
      const text = await (kind === "spawn" ? spawnRound([first, first + 1, first + 2].map(String)) : kinds[kind]());
      process.stdout.write(`  round ${round + 1}: ${text}; tidy in ${Math.round(times.at(-1) ?? 0)} ms\n`);
    }
    const all = await box.json<SessionView[]>("status", "--all");
    for (const { id } of all) expect(starts(id), `starts of ${id} over all`).toBe(1);
    const sorted = times.toSorted((a, b) => a - b);
    figure(
      `${ROUNDS} kills: 0 left over, 0 lost, 0 twice; tidy after the next command: ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms median, ${Math.round(sorted.at(-1) ?? 0)} ms worst`,
    );
  },
  3_000_000,
);
