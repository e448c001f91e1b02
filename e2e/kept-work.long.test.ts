import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Git, lookAt, takeStep, workIn } from "@agent-orchestrator/testkit/contracts/workspace/look";
import { replaceRepository, STATE_FILES, STEPS } from "@agent-orchestrator/testkit/contracts/workspace/states";
import {
  lostOf,
  placesOf,
  REACHES,
  startWriter,
  type Writer,
} from "@agent-orchestrator/testkit/contracts/workspace/writers";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";
import { figure, newSeed, rounds, seededRandom } from "./support/tier.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

interface View {
  id: string;
  branch: string;
  workspacePath: string;
  notes: string[];
}

interface Round {
  n: number;
  random(): number;
}

const some = <T>(random: () => number, of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;

/** Puts the checkout of a new session into a random state. */
async function prepare({ n, random }: Round): Promise<{ view: View; steps: string[] }> {
  const [view] = await box.json<View[]>("spawn", "app", "--prompt", `Task ${n}.`);
  if (view === undefined) throw new Error("no session");
  const work = workIn(view.workspacePath, { env: box.env, branch: view.branch });
  const steps = Array.from({ length: 1 + Math.floor(random() * 7) }, () => some(random, Object.keys(STEPS)));
  for (const [at, step] of steps.entries()) takeStep(work, step, at);
  if (random() < 0.2) {
    replaceRepository(work);
    steps.push("replaceRepository");
  }
  return { view, steps };
}

/** By the command, or as the daemon does after `cleanup.killed`. Returns what was said about it. */
async function removeBy(way: "kill --rm" | "cleanup", id: string): Promise<string> {
  if (way === "kill --rm") {
    const [view] = await box.json<View[]>("kill", id, "--rm", "--yes");
    return view?.notes.join("\n") ?? "";
  }
  await box.json("kill", id);
  const archived = async () => {
    const { isArchived, notes } = await box.json<View & { isArchived: boolean }>("show", id);
    return isArchived ? { said: notes.join("\n") } : null;
  };
  const { said } = await waitFor(archived, { timeoutMs: 60_000, what: `the cleanup of ${id}` });
  return said;
}

async function expectNothingLost(round: Round): Promise<{ saves: number; way: string }> {
  const { n, random } = round;
  const { view, steps } = await prepare(round);
  const { id, workspacePath: checkout } = view;
  const git: Git = (path, ...args) => box.repo.git("-C", path, ...args);
  const before = lookAt(checkout, git);
  const way = random() < 0.5 ? "kill --rm" : "cleanup";
  const writers: Writer[] = [];
  if (random() < 0.33) {
    const [reach, times] = [some(random, REACHES), some(random, [50, 500, 2_000])];
    writers.push(await startWriter(reach, { checkout, ledger: join(box.dir, `ledger-${n}`), times }));
  }
  try {
    const said = await removeBy(way, id);
    for (const writer of writers) await writer.end();
    if (writers.length === 0) expect(said).not.toContain("Left aside");
    for (const name of before.special) expect(said, name).toMatch(/pipes, sockets/);
    const restored = await box.json<View>("restore", id);
    if (before.special.length > 0) expect(restored.notes.join("\n")).toMatch(/pipes, sockets/);
    expect(restored.workspacePath).toBe(checkout);
    if (writers.length === 0)
      expect(lookAt(checkout, git).seen, `${way} after ${steps.join(", ")}`).toEqual(before.seen);
    const kept = join(checkout, "../../preserved", `${id}_1`);
    expect(existsSync(kept), kept).toBe(true);
    const lost = writers.flatMap((writer) => lostOf(writer, placesOf({ checkout, kept })));
    expect(lost.slice(0, 5), `${way} after ${steps.join(", ")}`).toEqual([]);
    return { saves: writers.reduce((sum, writer) => sum + writer.saved().length, 0), way };
  } finally {
    for (const writer of writers) await writer.end();
    await box.ao("kill", id);
  }
}

const states = Number(process.env.AO_STATES ?? rounds(2, 200));

it(`loses nothing of ${states} states of a checkout in kill --rm, cleanup and restore`, {
  timeout: 3_600_000,
}, async () => {
  box = new Sandbox({ agentArgs: ["--idle"], files: STATE_FILES, top: "cleanup: { killed: 1s }" });
  expect((await box.ao("trust", "--yes")).status).toBe(0);
  const seed = newSeed();
  const random = seededRandom(seed);
  const ways: Record<string, number> = {};
  let saves = 0;
  for (let n = 1; n <= states; n += 1) {
    const round = await expectNothingLost({ n, random }).catch((error: unknown) => {
      throw new Error(`state ${n} of SEED=${seed}: ${String(error)}`, { cause: error });
    });
    ways[round.way] = (ways[round.way] ?? 0) + 1;
    saves += round.saves;
  }
  figure(
    `${states} states, ${JSON.stringify(ways)}, ${saves} saves by other programs: 0 bytes lost unsaid (SEED=${seed})`,
  );
});

it("says what was not kept and what is still in use, as text and as JSON, and again when it restores", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], files: STATE_FILES, top: "cleanup: { killed: 1s }" });
  expect((await box.ao("trust", "--yes")).status).toBe(0);
  const views = await box.json<View[]>("spawn", "app", "1", "2");
  for (const { workspacePath, branch } of views) {
    const work = workIn(workspacePath, { env: box.env, branch });
    for (const step of ["regenerable", "pipe"]) takeStep(work, step, 1);
  }
  const program = spawn("sleep", ["1000"], { cwd: views[0]?.workspacePath, stdio: "ignore" });
  try {
    const text = await box.ao("kill", "app-1", "--rm", "--yes");
    expect(text).toMatchObject({ status: 0, stderr: "" });
    const [head, ...said] = text.stdout.trimEnd().split("\n");
    expect(head).toContain("app-1 is killed (archived)");
    expect(said.slice(0, 2)).toEqual([
      "  Not kept: node_modules (ignored by git, and made again by a build or an install)",
      "  Not kept: pipe-1 (pipes, sockets and devices contain no data)",
    ]);
    expect(said[2]).toMatch(
      new RegExp(`^ {2}Left aside: .*\\.ao-removing/app-1\\.1, because sleep \\(${program.pid}\\)`),
    );
    const restored = await box.ao("restore", "app-1");
    expect(restored.stdout).toContain("note: Not kept: node_modules");
    expect(restored.stdout).toContain("note: Not kept: pipe-1");
  } finally {
    program.kill("SIGKILL");
  }
  await box.json("kill", "app-2");
  const isDue = async () => (await box.json<{ isDone: boolean; notes?: string[] }[]>("cleanup", "--yes"))[0];
  const archived = async () => (await box.json<View & { isArchived: boolean }>("show", "app-2")).isArchived;
  const row = await waitFor(async () => (await isDue()) ?? (await archived()), { timeoutMs: 20_000 });
  if (typeof row === "object" && row.isDone) expect(row.notes?.join("\n")).toContain("Not kept: pipe-1");
  await waitFor(archived, { timeoutMs: 20_000, what: "the cleanup of app-2" });
  const { notes } = await box.json<View>("show", "app-2");
  expect(notes.join("\n")).toContain("Not kept: pipe-1");
});
