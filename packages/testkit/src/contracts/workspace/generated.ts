import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTempDir, removeDir, tempDir } from "../../temp-dir.ts";
import { repoAt, type TempRepo } from "../../temp-repo.ts";
import { type Bench, bench, type WorkspaceContract } from "./bench.ts";
import { lookAt, takeStep, workIn } from "./look.ts";
import { replaceRepository, STATE_FILES, STEPS } from "./states.ts";
import { lostOf, placesOf, REACHES, type Reach, startWriter } from "./writers.ts";

/** A state of a checkout, and what goes on while it is removed. */
export interface State {
  steps: string[];
  /** The agent put its own repository in the place of the checkout's. */
  hasOther: boolean;
  /** Programs that save to the checkout meanwhile, so many times. */
  writers: { reach: Reach; times: number }[];
  /** The user deletes the branches and lets git remove unreferenced objects. */
  isHarsh: boolean;
  hasSubmodule: boolean;
}

const SOMETIMES = { weight: 1, arbitrary: fc.constant(true) };
const MOSTLY_NOT = { weight: 4, arbitrary: fc.constant(false) };

export const anyState: fc.Arbitrary<State> = fc.record({
  steps: fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: 1, maxLength: 7 }),
  hasOther: fc.oneof(SOMETIMES, MOSTLY_NOT),
  writers: fc.oneof(
    { weight: 2, arbitrary: fc.constant<State["writers"]>([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({ reach: fc.constantFrom(...REACHES), times: fc.constantFrom(20, 300, 3_000, 10_000) }),
        { minLength: 1, maxLength: 2 },
      ),
    },
  ),
  isHarsh: fc.boolean(),
  hasSubmodule: fc.boolean(),
});

interface Round {
  place: Bench;
  state: State;
  root: string;
}

/** Returns how many saves of other programs were checked. */
async function runRound({ place, state, root }: Round): Promise<number> {
  const { workspace, config, project, repo, gitIn, home } = place;
  const info = await workspace.create(config());
  const work = workIn(info.path, { env: repo.env, branch: info.branch });
  for (const [n, step] of state.steps.entries()) takeStep(work, step, n);
  if (state.hasOther && existsSync(join(info.path, ".git")) && repo.path !== info.path) replaceRepository(work);
  const before = lookAt(info.path, gitIn);
  const refs = repo.git("for-each-ref");
  const into = join(home, "preserved", "app-1");
  mkdirSync(join(home, "preserved"), { recursive: true });
  const writers = await Promise.all(
    state.writers.map(({ reach, times }, n) =>
      startWriter(reach, { checkout: info.path, ledger: join(root, `ledger-${n}`), times }),
    ),
  );
  try {
    const kept = await workspace.preserve(info.path, project, { into });
    expect(repo.git("for-each-ref")).toBe(refs);
    const said = [...(kept.notes ?? []), ...((await workspace.destroy(info.path, { preserved: into })) ?? [])];
    for (const name of before.special) expect(said.join("\n"), name).toMatch(/pipes, sockets/);
    if (writers.length === 0) {
      expect(existsSync(info.path)).toBe(false);
      expect(said.join("\n")).not.toContain("Left aside");
    }
    for (const writer of writers) await writer.end();
    if (state.isHarsh) forget(place);
    const again = config({ baseBranch: "main", preserved: kept.path } as object);
    const back = await workspace.restore(again, info.path);
    if (before.special.length > 0) expect(back.notes?.join("\n")).toMatch(/pipes, sockets/);
    if (writers.length === 0) expect(lookAt(info.path, gitIn).seen).toEqual(before.seen);
    const places = placesOf({ checkout: info.path, kept: into });
    expect(writers.flatMap((writer) => lostOf(writer, places)).slice(0, 5)).toEqual([]);
    return writers.reduce((sum, writer) => sum + writer.saved().length, 0);
  } finally {
    for (const writer of writers) await writer.end();
  }
}

function forget({ repo }: Bench): void {
  const branches = repo.git("for-each-ref", "--format=%(refname)", "refs/heads").trim().split("\n");
  for (const ref of branches.filter((name) => name !== "refs/heads/main")) repo.git("update-ref", "-d", ref);
  repo.git("reflog", "expire", "--expire=now", "--all");
  repo.git("gc", "-q", "--prune=now");
}

/** In memory if the system has such a place. These rounds are about bytes, and syncing hundreds of them is slow. */
const quickDir = (): string => (existsSync("/dev/shm") ? mkdtempSync("/dev/shm/ao-kept-") : makeTempDir("ao-kept"));

function copyOf(repo: TempRepo, root: string): TempRepo {
  cpSync(join(repo.path, ".."), root, { recursive: true, verbatimSymlinks: true });
  const path = join(root, "repo");
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: path, env: repo.env, encoding: "utf8", stdio: "pipe" });
  return { ...repo, path, git };
}

/** Two repositories to copy: a plain one, and one with a submodule. */
function models(): { plain: TempRepo; withSub: TempRepo } {
  const sub = repoAt(join(tempDir(), "sub"), { "s.txt": "s\n" });
  const plain = repoAt(join(tempDir(), "repo"), STATE_FILES);
  const withSub = repoAt(join(tempDir(), "repo"), STATE_FILES);
  for (const { git } of [plain, withSub]) git("config", "--global", "protocol.file.allow", "always");
  withSub.git("submodule", "--quiet", "add", sub.path, "sub");
  withSub.commit("submodule");
  return { plain, withSub };
}

export function generatedTests(contract: WorkspaceContract): void {
  const runs = Number(process.env.AO_STATES ?? (process.env.AO_TEST_TIER === "nightly" ? 200 : contract.states));
  describe("preserve, destroy, restore", () => {
    test(`lose nothing of ${runs} generated states`, { timeout: 1_800_000 }, async () => {
      const { plain, withSub } = models();
      const seen = { identical: 0, written: 0, saves: 0, replaced: 0 };
      const property = fc.asyncProperty(anyState, async (state) => {
        const root = quickDir();
        try {
          const repo = copyOf(state.hasSubmodule ? withSub : plain, root);
          const home = join(root, "home");
          mkdirSync(home);
          const saves = await runRound({ place: bench(contract, { repo, home }), state, root });
          seen[state.writers.length === 0 ? "identical" : "written"] += 1;
          seen.saves += saves;
          if (state.hasOther) seen.replaced += 1;
        } finally {
          execFileSync("chmod", ["-R", "u+rwx", root]);
          removeDir(root);
        }
      });
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
      await fc.assert(property, { numRuns: runs, endOnFailure: true, seed });
      console.log(`preserve → destroy → restore, ${runs} states, 0 bytes lost: ${JSON.stringify(seen)} (SEED=${seed})`);
      expect(seen.identical + seen.written).toBe(runs);
    });
  });
}
