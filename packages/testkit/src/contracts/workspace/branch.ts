import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { describe, expect, test } from "vitest";
import type { TempRepo } from "../../temp-repo.ts";
import { bench, type WorkspaceContract } from "./bench.ts";

const LONG_AGO = "2001-01-01T00:00:00.000Z";
const yearsFromNow = (): string => new Date(performance.timeOrigin + 3e11).toISOString();

const reasonOf = async (asked: Promise<void>): Promise<string> => {
  const error = await asked.then(
    () => "followed",
    (thrown: unknown) => thrown,
  );
  return isAoError(error) && error.code === "REFUSED" ? error.message : String(error);
};

function oldBranch(repo: TempRepo): void {
  repo.git("switch", "-q", "-c", "feat/old");
  repo.commit("old", { "old.txt": "old\n" });
  repo.git("switch", "-q", "main");
}

/** The user gives the session another branch. */
export function switchTests(contract: WorkspaceContract): void {
  describe("switchBranch", () => {
    test("checks out another branch with its files, keeps ignored ones, and may be repeated", async () => {
      const { workspace, config, project, gitIn, repo } = bench(contract);
      oldBranch(repo);
      const { path } = await workspace.create(config());
      writeFileSync(join(path, "new.txt"), "new\n");
      gitIn(path, "add", "-A");
      gitIn(path, "commit", "-qm", "new");
      for (let round = 0; round < 2; round++) await workspace.switchBranch(path, project, { branch: "feat/old" });
      expect(readFileSync(join(path, "old.txt"), "utf8")).toBe("old\n");
      expect(existsSync(join(path, "new.txt"))).toBe(false);
      expect(await workspace.inspect(path, project)).toMatchObject({ branch: "feat/old", changedFiles: 0 });
      expect(await workspace.list("app")).toMatchObject([{ branch: "feat/old" }]);
      writeFileSync(join(path, "old.txt"), "newer\n");
      gitIn(path, "commit", "-qam", "newer");
      await workspace.publish(path, project);
      expect(repo.git("show", "feat/old:old.txt")).toBe("newer\n");
    });

    test("finishes what a killed daemon left between the files and HEAD", async () => {
      const { workspace, config, project, gitIn, repo } = bench(contract);
      oldBranch(repo);
      const { path } = await workspace.create(config());
      await workspace.switchBranch(path, project, { branch: "feat/old" });
      gitIn(path, "symbolic-ref", "HEAD", "refs/heads/feat/42");
      await workspace.switchBranch(path, project, { branch: "feat/old" });
      expect(await workspace.inspect(path, project)).toMatchObject({ branch: "feat/old", changedFiles: 0 });
    });

    test("refuses with uncommitted changes, and a branch of another session, and changes nothing", async () => {
      const { workspace, config, project, repo } = bench(contract);
      repo.git("branch", "feat/old");
      const { path } = await workspace.create(config());
      await workspace.create(config({ sessionId: "app-2", branch: "feat/43" }));
      const go = (branch: string) => reasonOf(workspace.switchBranch(path, project, { branch }));
      expect(await go("feat/43")).toBe("branch feat/43 is the branch of app-2");
      writeFileSync(join(path, "draft.txt"), "draft\n");
      expect(await go("feat/old")).toBe(`${path} has uncommitted changes`);
      expect(readFileSync(join(path, "draft.txt"), "utf8")).toBe("draft\n");
      expect((await workspace.inspect(path, project)).branch).toBe("feat/42");
    });
  });
}

/** The agent switches to another branch. `since` distinguishes a branch of this session from an older one. */
export function branchTests(contract: WorkspaceContract): void {
  describe("adoptBranch", () => {
    test("accepts a branch that the agent created, or its own one renamed, and finds it in the record", async () => {
      const { workspace, config, project, gitIn } = bench(contract);
      const { path } = await workspace.create(config());
      gitIn(path, "switch", "-q", "-c", "fix/login");
      await workspace.adoptBranch(path, project, { branch: "fix/login", since: LONG_AGO });
      expect(await workspace.list("app")).toMatchObject([{ branch: "fix/login" }]);
      gitIn(path, "branch", "-m", "fix/login", "fix/logout");
      await workspace.adoptBranch(path, project, { branch: "fix/logout", since: LONG_AGO });
      await workspace.adoptBranch(path, project, { branch: "fix/logout", since: LONG_AGO });
      expect(await workspace.list("app")).toMatchObject([{ branch: "fix/logout" }]);
      expect((await workspace.inspect(path, project)).branch).toBe("fix/logout");
    });

    test("refuses a branch that is older than the session, another session's, or not checked out", async () => {
      const { workspace, config, project, gitIn } = bench(contract);
      const { path } = await workspace.create(config());
      const other = await workspace.create(config({ sessionId: "app-2", branch: "feat/43" }));
      gitIn(path, "switch", "-q", "-c", "develop");
      const adopt = (branch: string, since = LONG_AGO) =>
        reasonOf(workspace.adoptBranch(path, project, { branch, since }));
      expect(await adopt("develop", yearsFromNow())).toBe("develop is older than this session");
      gitIn(other.path, "switch", "-q", "--detach");
      gitIn(path, "switch", "-q", "-C", "feat/43");
      expect(await adopt("feat/43")).toBe("feat/43 is the branch of app-2");
      expect(await adopt("nowhere")).toBe("nowhere is not checked out any more");
      expect(await workspace.list("app")).toMatchObject([{ branch: "feat/42" }, { branch: "feat/43" }]);
    });

    test("refuses a branch of unknown age, and one that was on a remote before", async () => {
      const { workspace, config, project, gitIn, repo } = bench(contract);
      repo.git("update-ref", "refs/remotes/origin/main", "main");
      repo.git("update-ref", "refs/remotes/origin/shared", "main");
      const { path } = await workspace.create(config());
      gitIn(path, "-c", "core.logAllRefUpdates=false", "switch", "-q", "-c", "dark");
      const adopt = (branch: string) => reasonOf(workspace.adoptBranch(path, project, { branch, since: LONG_AGO }));
      expect(await adopt("dark")).toBe("dark may be older than this session: git has no log of it");
      gitIn(path, "switch", "-q", "-c", "shared");
      expect(await adopt("shared")).toBe("shared was on origin before");
    });
  });
}
