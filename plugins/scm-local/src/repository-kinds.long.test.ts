import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { REPOSITORY_KINDS, repositoryOfKind } from "@agent-orchestrator/testkit/repository-kinds";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { type World, worldAt } from "./fixtures/world.ts";

/** Fails if a file of the checkout or a part of its history is missing. */
const look = ({ has, hasNot }: { has: string[]; hasNot: string[] }) =>
  [
    ...has.map((file) => `test -s ${file}`),
    ...hasNot.map((file) => `test ! -e ${file}`),
    "git log --format=%s --stat",
    "git diff HEAD~1",
    "git status --porcelain",
    'test -z "$(git status --porcelain)"',
    "test \"$(cat a.txt)\" = 'of the branch'",
  ].join(" && ");

/** Creates a branch as a session does, in a linked worktree of the project. */
function branch(w: World, root: string): void {
  w.repo.git("worktree", "add", "-q", "-b", "feat/1", join(root, "session"), "main");
  const git = (...args: string[]) => w.repo.git("-C", join(root, "session"), ...args);
  // As a session's checkout has it: where the repository names its main working tree, git would work on that one.
  const own = join(git("rev-parse", "--absolute-git-dir").trim(), "config.worktree");
  git("config", "--file", own, "core.worktree", join(root, "session"));
  execFileSync("sh", ["-c", "echo 'of the branch' > a.txt; echo new > src/new.txt"], { cwd: join(root, "session") });
  git("add", "-A");
  git("commit", "-q", "-m", "work");
}

const done = (w: World) =>
  waitFor(
    async () => {
      const [check] = await w.scm.getCIChecks({ number: 1 } as Parameters<World["scm"]["getCIChecks"]>[0]);
      const isOver = check?.status === "passed" || check?.status === "failed" || check?.conclusion === "setup-failed";
      return isOver ? check : null;
    },
    { timeoutMs: 60_000, what: "CI to finish" },
  );

it.each(REPOSITORY_KINDS)(
  "%s: shows the pull request, gives CI the same files as a session, and merges it",
  { timeout: 120_000 },
  async (kind) => {
    const place = repositoryOfKind(kind);
    const root = dirname(place.repo.path);
    const ci = [{ name: "test", run: look(place) }];
    const w = worldAt({ root, repo: place.repo, setUp: { options: { ci } } });
    branch(w, root);
    const pr = await w.open("feat/1");
    await w.scm.submitReview(pr, { state: "approved", body: "" });
    const [snapshot] = await w.scm.getSnapshots([pr]);
    expect(snapshot).toMatchObject({ state: "open", hasConflicts: false });
    expect(await w.scm.getDiff(pr)).toContain("+of the branch");
    await w.watch();
    const check = await done(w);
    expect(await w.scm.getCheckLog(pr, check)).toContain("[exit 0]");
    expect(check).toMatchObject({ status: "passed" });
    await w.scm.mergePR(pr);
    expect(w.repo.git("show", "main:src/new.txt")).toBe("new\n");
    expect(w.repo.git("status", "--porcelain", "--ignore-submodules=none")).toBe("");
    expect(w.warnings).toEqual([]);
  },
);

const PARTIAL = ["a blobless clone", "a treeless clone"];

it.each(PARTIAL)(
  "%s without its remote: says why a pull request cannot be read, and shows it again later",
  async (kind) => {
    const place = repositoryOfKind(kind);
    const root = dirname(place.repo.path);
    const w = worldAt({ root, repo: place.repo, setUp: {} });
    branch(w, root);
    const pr = await w.open("feat/1");
    // The base advances to files that were never fetched.
    const sha = place.far.commit("theirs", { "a.txt": "theirs\n", "src/c.txt": "theirs\n" });
    w.repo.git("fetch", "-q", "origin");
    w.repo.git("update-ref", "refs/heads/main", sha);
    const online = place.offline();
    expect(await w.scm.getSnapshots([pr])).toEqual([null]);
    await expect(w.scm.getPRState(pr)).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringContaining(
        "pull request 1 could not be read: objects of this partial clone could not be fetched",
      ),
    });
    online();
    const again = w.again();
    expect(await again.scm.getSnapshots([pr])).toMatchObject([{ state: "open", hasConflicts: true }]);
  },
);

it.each(PARTIAL)("%s without its remote: CI gives no verdict, and says why", async (kind) => {
  const place = repositoryOfKind(kind);
  const root = dirname(place.repo.path);
  const ci = [{ name: "test", run: "git log --stat -3" }];
  const w = worldAt({ root, repo: place.repo, setUp: { options: { ci } } });
  branch(w, root);
  await w.open("feat/1");
  place.offline();
  await w.watch();
  const known = await waitFor(() => [...w.desk.checks.all().values()][0]?.results.test, { what: "CI to finish" });
  expect(known).toMatchObject({
    conclusion: "cannot_run",
    problem: "objects of this partial clone could not be fetched from its remote",
  });
});

it("does not blame a branch for a submodule that cannot be fetched", async () => {
  const place = repositoryOfKind("a clone whose submodule was never checked out");
  const root = dirname(place.repo.path);
  const ci = [{ name: "test", run: "test -s lib/l.txt" }];
  const w = worldAt({ root, repo: place.repo, setUp: { options: { ci } } });
  branch(w, root);
  const pr = await w.open("feat/1");
  renameSync(join(root, "library"), join(root, "library-away"));
  await w.watch();
  const known = await waitFor(() => [...w.desk.checks.all().values()][0]?.results.test, { what: "CI to finish" });
  expect(known).toMatchObject({ problem: expect.stringContaining("submodules were left empty") });
  const [check] = await w.scm.getCIChecks(pr);
  expect(check?.failsOnBase).toBeUndefined();
});
