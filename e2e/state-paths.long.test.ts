import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ERROR_CODES } from "@agent-orchestrator/core/model/errors";
import { layoutOf } from "@agent-orchestrator/core/store/layout";
import { canBeNobody, giveToNobody, NOBODY } from "@agent-orchestrator/testkit/as-nobody";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "./support/ao.ts";
import { contentsOf, DAMAGES, type Damage, damage } from "./support/damage.ts";
import { killIfAlive } from "./support/processes.ts";
import { Sandbox } from "./support/sandbox.ts";
import { figure, isNightly, newSeed } from "./support/tier.ts";

/**
 * A home with two sessions: app-1 has ended, with its checkout, a pull request and a check; app-2 is archived, with its work
 * kept. No daemon and no agent runs. Root may read everything, so all of it belongs to another user where that is possible.
 */
let box: Sandbox;
let elsewhere = "";
let copy = "";
let before: unknown;
const as = canBeNobody() ? { uid: NOBODY } : {};
const ao = (...args: string[]): Promise<Answer> => box.aoWith(as, ...args);

beforeAll(async () => {
  box = new Sandbox({ agentArgs: ["--idle"], runtime: "process" });
  [elsewhere, copy] = [join(box.dir, "elsewhere"), join(box.dir, "copy")];
  if (canBeNobody()) giveToNobody(box.dir);
  await succeed("trust");
  await succeed("spawn", "app", "1", "2");
  for (const id of ["app-1", "app-2"]) commitIn(id);
  await succeed("pr", "create", "--session", "app-1");
  await waitFor(() => existsSync(join(project().scm, "checks")), { what: "the end of CI", timeoutMs: 30_000 });
  await succeed("kill", "app-1");
  await succeed("kill", "app-2", "--rm", "--yes");
  before = await sessions();
  await succeed("stop");
  await waitFor(() => box.daemonPid() === null, { what: "the daemon's end" });
  keepSomethingInQuarantine();
  execFileSync("cp", ["-a", box.home, copy]);
}, 120_000);
afterAll(() => box.close());

async function succeed(...args: string[]): Promise<void> {
  const { status, stderr } = await ao(...args);
  if (status !== 0) throw new Error(`ao ${args.join(" ")}: ${status} ${stderr}`);
}

function keepSomethingInQuarantine(): void {
  const { quarantine } = layoutOf(box.home);
  mkdirSync(quarantine, { recursive: true, mode: 0o700 });
  writeFileSync(join(quarantine, "app-1.0a1b2c3d"), "an edit by hand\n");
  if (canBeNobody()) giveToNobody(quarantine);
}

function commitIn(id: string): void {
  const script = `cd ${project().worktree(id)} && echo ${id} > work.txt && git add . && git commit -qm ${id}`;
  execFileSync("sh", ["-c", script], { env: box.env, ...as });
}

/** Of the one project of this home. */
function project() {
  const name = readdirSync(box.home).find((entry) => entry.endsWith("-app")) ?? "";
  return layoutOf(box.home).project(name.slice(0, 12), "app");
}

/** What must not be lost of each session. */
async function sessions(): Promise<unknown> {
  const answer = await ao("status", "--all", "--json");
  const { data } = JSON.parse(answer.stdout) as { data: Record<string, unknown>[] };
  return data.map(({ id, branch, issue, status, pr }) => ({
    id,
    branch,
    issue,
    status,
    pr: (pr as { number?: number } | null)?.number,
  }));
}

const strings = (from: object): string[] => Object.values(from).filter((value) => typeof value === "string");
const firstIn = (dir: string): string[] =>
  readdirSync(dir)
    .slice(0, 1)
    .map((name) => join(dir, name));

/** Every path of the layout that exists, and one file of each folder of files. */
function statePaths(): string[] {
  const layout = layoutOf(box.home);
  const own = project();
  const plugins = ["prs", "checks", "logs"].map((name) => join(own.scm, name));
  const records = join(own.dir, "workspace/workspaces");
  const folders = [layout.events, layout.quarantine, own.archive, own.preserved, records, ...plugins];
  const all = [
    ...strings(layout),
    ...strings(own),
    own.metadata("app-1"),
    own.worktree("app-1"),
    own.sessionDir("app-1"),
    join(own.dir, "private"),
    join(own.dir, "workspace"),
    records,
    ...plugins,
    ...folders.flatMap(firstIn),
  ];
  return [...new Set(all)].filter((path) => path !== box.home && existsSync(path)).sort();
}

/** Puts everything back as it was. */
async function reset(): Promise<void> {
  const pid = box.daemonPid();
  if (pid !== null) killIfAlive(pid);
  await waitFor(() => box.daemonPid() === null, { what: "the daemon's end" });
  rmSync(box.home, { recursive: true, force: true });
  rmSync(elsewhere, { recursive: true, force: true });
  execFileSync("cp", ["-a", copy, box.home]);
  mkdirSync(elsewhere);
  if (canBeNobody()) giveToNobody(elsewhere);
}

const documented = new Set(Object.values(ERROR_CODES).map(({ exit }) => exit as number));

/** The exit status if all is well, or what is wrong. */
async function tryOut(path: string, kind: Damage): Promise<number | string> {
  await reset();
  damage(path, kind, elsewhere);
  if (canBeNobody() && existsSync(path) && !lstatSync(path).isSymbolicLink()) giveToNobody(path);
  const outside = contentsOf(elsewhere);
  const { status, stderr } = await ao("status");
  if (JSON.stringify(contentsOf(elsewhere)) !== JSON.stringify(outside)) return "something elsewhere was changed";
  if (status === 0) {
    const after = await sessions();
    return JSON.stringify(after) === JSON.stringify(before) ? 0 : `lost: ${JSON.stringify(after)}`;
  }
  const lines = stderr.trimEnd().split("\n");
  const isManners = lines.length === 2 && /^ao: ./.test(lines[0] ?? "") && /^ {2}hint: ./.test(lines[1] ?? "");
  const isGood = status !== null && documented.has(status) && isManners && stderr.includes(path);
  return isGood ? status : `${status}: ${stderr}`;
}

describe("a home in which one path is damaged", () => {
  it("starts without it, or says in one line what is wrong with which path", { timeout: 1_500_000 }, async () => {
    const seed = newSeed();
    const failures: string[] = [];
    const statuses: number[] = [];
    const table: string[] = [];
    for (const [row, path] of statePaths().entries()) {
      // Every day one damage for each path, another one with each seed.
      const kinds = isNightly ? DAMAGES : DAMAGES.filter((_, at) => at === (row + seed) % DAMAGES.length);
      const outcomes: (number | string)[] = [];
      for (const kind of kinds) outcomes.push(await tryOut(path, kind));
      const name = relative(box.home, path);
      table.push(`${name.padEnd(60)} ${outcomes.map((each) => (typeof each === "number" ? each : "?")).join(" ")}`);
      for (const [at, each] of outcomes.entries()) {
        if (typeof each === "number") statuses.push(each);
        else failures.push(`${name} × ${kinds[at]}: ${each}`);
      }
    }
    const started = statuses.filter((status) => status === 0).length;
    console.log(`state paths × ${DAMAGES.join(", ")} (SEED=${seed}):\n${table.join("\n")}`);
    figure(`state paths: ${started} cells start, ${statuses.length - started} say why not, ${failures.length} fail`);
    expect(failures).toEqual([]);
  });
});
