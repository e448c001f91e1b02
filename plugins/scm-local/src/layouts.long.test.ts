import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { gitEnv, repoAt, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, it } from "vitest";
import { worldAt } from "./fixtures/world.ts";

const FILES = { "a.txt": "a\n", "lib/b.txt": "b\n" };

interface Layout {
  /** The project's path. */
  project: string;
  /** Where `main` is checked out. Null if nowhere. */
  tree: string | null;
  /** Folders in which no file may appear. */
  bystanders?: string[];
}

const sh = (root: string, line: string) =>
  execFileSync("sh", ["-ec", line], { cwd: root, env: gitEnv(root), encoding: "utf8", stdio: "pipe" });

/** Each starts from an ordinary repository `origin-repo` in `root`, and returns where the project is. */
const LAYOUTS: Record<string, (root: string) => Layout> = {
  "an ordinary repository": (root) => ({ project: join(root, "origin-repo"), tree: join(root, "origin-repo") }),
  "a `.git` file that points to a bare repository": (root) => {
    sh(root, "mkdir proj; git clone -q --bare origin-repo proj/.bare; echo 'gitdir: ./.bare' > proj/.git");
    return { project: join(root, "proj"), tree: null, bystanders: [join(root, "proj")] };
  },
  "a `.git` file that points to a bare repository, with `main` next to it": (root) => {
    sh(root, "mkdir proj; git clone -q --bare origin-repo proj/.bare; echo 'gitdir: ./.bare' > proj/.git");
    sh(root, "cd proj; git worktree add -q main main");
    return { project: join(root, "proj"), tree: join(root, "proj/main"), bystanders: [join(root, "proj")] };
  },
  "a checkout of `main` next to a bare repository": (root) => {
    sh(root, "mkdir proj; git clone -q --bare origin-repo proj/.bare; echo 'gitdir: ./.bare' > proj/.git");
    sh(root, "cd proj; git worktree add -q main main");
    return { project: join(root, "proj/main"), tree: join(root, "proj/main"), bystanders: [join(root, "proj")] };
  },
  "a bare repository that is marked bare in its main worktree's config": (root) => {
    sh(root, "git clone -q --bare origin-repo proj.git; cd proj.git; git config extensions.worktreeConfig true");
    sh(root, "cd proj.git; git config --unset core.bare; git config --file config.worktree core.bare true");
    sh(root, "cd proj.git; git worktree add -q ../main main");
    return { project: join(root, "proj.git"), tree: join(root, "main"), bystanders: [join(root, "proj.git")] };
  },
  "a bare repository named .git, as in an emptied checkout": (root) => {
    sh(root, "mkdir proj; git clone -q --bare origin-repo proj/.git");
    return { project: join(root, "proj"), tree: null, bystanders: [join(root, "proj")] };
  },
  "a bare repository": (root) => {
    sh(root, "git clone -q --bare origin-repo proj.git");
    return { project: join(root, "proj.git"), tree: null };
  },
  "a separate git folder": (root) => {
    sh(root, "git clone -q --separate-git-dir store origin-repo proj");
    return { project: join(root, "proj"), tree: join(root, "proj"), bystanders: [join(root, "store")] };
  },
  "a linked `.git`": (root) => {
    sh(root, "git clone -q origin-repo proj; mkdir store");
    renameSync(join(root, "proj/.git"), join(root, "store/.git"));
    symlinkSync("../store/.git", join(root, "proj/.git"));
    return { project: join(root, "proj"), tree: join(root, "proj"), bystanders: [join(root, "store")] };
  },
  "a submodule's checkout": (root) => {
    const add = "git -c protocol.file.allow=always submodule add -q";
    sh(root, `git init -q super; cd super; ${add} ${join(root, "origin-repo")} sub; git commit -qm sub`);
    return { project: join(root, "super/sub"), tree: join(root, "super/sub"), bystanders: [join(root, "super")] };
  },
  "a linked worktree, with `main` in the main one": (root) => {
    sh(root, "cd origin-repo; git worktree add -q -b side ../side");
    return { project: join(root, "side"), tree: join(root, "origin-repo"), bystanders: [join(root, "side")] };
  },
  "a linked worktree that has `main`": (root) => {
    sh(root, "cd origin-repo; git switch -q -c side; git worktree add -q ../proj main");
    return { project: join(root, "proj"), tree: join(root, "proj"), bystanders: [join(root, "origin-repo")] };
  },
  "a path through a symbolic link": (root) => {
    symlinkSync("origin-repo", join(root, "proj"));
    return { project: join(root, "proj"), tree: join(root, "origin-repo") };
  },
  "a record of a worktree whose folder is now something else": (root) => {
    sh(root, "cd origin-repo; git switch -q -c side; git worktree add -q ../old main; rm -rf ../old");
    sh(root, "git clone -q origin-repo old");
    return {
      project: join(root, "origin-repo"),
      tree: null,
      bystanders: [join(root, "old"), join(root, "origin-repo")],
    };
  },
};

function repoIn(root: string, path: string): TempRepo {
  const env = gitEnv(root);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, env, encoding: "utf8", stdio: "pipe" });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  return { path, env, git, write, commit: () => "" };
}

/** The branch is created in a separate clone and fetched, because these tests are about the merge. */
function branchFrom(root: string, project: TempRepo): void {
  sh(root, "git clone -q origin-repo author; cd author; echo new > new.txt; echo changed > a.txt; git add -A");
  sh(root, "cd author; git commit -qm work");
  project.git("fetch", "-q", join(root, "author"), "HEAD:refs/heads/feat/1");
}

async function merged(root: string, layout: Layout) {
  const repo = repoIn(root, layout.project);
  branchFrom(root, repo);
  const w = worldAt({ root, repo, setUp: {} });
  const pr = await w.open("feat/1");
  await w.scm.submitReview(pr, { state: "approved", body: "" });
  return { w, pr, repo };
}

it.each(Object.keys(LAYOUTS))("merges into the working tree that git reports, and nowhere else: %s", async (name) => {
  const root = tempDir("ao-layout");
  repoAt(join(root, "origin-repo"), FILES);
  const layout = LAYOUTS[name]?.(root) as Layout;
  const { w, pr, repo } = await merged(root, layout);
  const before = (layout.bystanders ?? []).map((dir) => readdirSync(dir).filter((file) => file !== "FETCH_HEAD"));
  if (layout.tree !== null) writeFileSync(join(layout.tree, "lib/b.txt"), "mine\n");

  await w.scm.mergePR(pr);

  expect(repo.git("show", "main:new.txt")).toBe("new\n");
  expect((layout.bystanders ?? []).map((dir) => readdirSync(dir).filter((file) => file !== "FETCH_HEAD"))).toEqual(
    before,
  );
  if (layout.tree === null) return;
  const status = ["-C", layout.tree, "-c", "status.branch=false", "status", "--porcelain", "--untracked-files=no"];
  expect(repo.git(...status)).toBe(" M lib/b.txt\n");
  expect(readFileSync(join(layout.tree, "new.txt"), "utf8")).toBe("new\n");
  expect(repo.git("-C", layout.tree, "rev-parse", "HEAD")).toBe(repo.git("rev-parse", "main"));
});

/** Git has a working tree here, but nothing in it points back to the repository, so its files could not advance with the branch. */
const LOST: Record<string, (root: string) => Layout> = {
  "a separate git folder, seen from a linked worktree": (root) => {
    sh(root, "git clone -q --separate-git-dir store origin-repo proj; cd proj; git worktree add -q -b side ../side");
    return { project: join(root, "side"), tree: null, bystanders: [join(root, "store"), join(root, "side")] };
  },
  "a git folder for the files of another folder, as for dotfiles": (root) => {
    sh(root, "mkdir home; git clone -q --bare origin-repo dotfiles; cd dotfiles; git config core.bare false");
    sh(root, "cd dotfiles; git config core.worktree ../home; git reset -q --hard");
    return { project: join(root, "dotfiles"), tree: null, bystanders: [join(root, "home"), join(root, "dotfiles")] };
  },
  "a setting that an agent wrote": (root) => {
    sh(root, "mkdir victim; cd origin-repo; git config core.worktree ../../victim");
    return { project: join(root, "origin-repo"), tree: null, bystanders: [join(root, "victim")] };
  },
};

it.each(Object.keys(LOST))("refuses to move a branch away from files it cannot find: %s", async (name) => {
  const root = tempDir("ao-layout");
  repoAt(join(root, "origin-repo"), FILES);
  const layout = LOST[name]?.(root) as Layout;
  const { w, pr, repo } = await merged(root, layout);
  const before = (layout.bystanders ?? []).map((dir) => readdirSync(dir));
  const tip = repo.git("rev-parse", "main");
  await expect(w.scm.mergePR(pr)).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining("main is checked out in"),
  });
  expect(repo.git("rev-parse", "main")).toBe(tip);
  expect((layout.bystanders ?? []).map((dir) => readdirSync(dir))).toEqual(before);
  expect(existsSync(join(root, "victim", "new.txt"))).toBe(false);
});
