import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { MergeMethod, PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import { recordOf } from "./desk.ts";
import { type World, world } from "./fixtures/world.ts";

const LINES = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");
const FILES = { "a.txt": LINES, "b.txt": LINES, "sub/c.txt": "c\n", ".gitignore": "*.log\n" };
const approve = (w: World, pr: PRInfo) => w.scm.submitReview(pr, { state: "approved", body: "" });

async function approved(w: World, branch: string, files: Record<string, string | null>): Promise<PRInfo> {
  w.commit(branch, files);
  const pr = await w.open(branch);
  await approve(w, pr);
  return pr;
}

const refusal = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  return isAoError(error) ? { code: error.code, message: error.message, files: error.details?.files } : error;
};

/** Every file of the working tree with its bytes, mode and time, and the contents of the index and the stash. */
function fingerprint(w: World, leaveOut: string[] = []) {
  const files = readdirSync(w.repo.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".git"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !leaveOut.some((name) => path.endsWith(name)))
    .map((path) => [path, readFileSync(path, "utf8"), statSync(path).mode, statSync(path).mtimeMs]);
  return { files: files.sort(), staged: w.repo.git("diff", "--cached"), stash: w.repo.git("stash", "list") };
}

const METHODS: MergeMethod[] = ["merge", "squash", "rebase"];

it.each(METHODS)("leaves the user's edits in the main checkout unchanged during a %s", async (method) => {
  const w = world({ files: FILES });
  const pr = await approved(w, "feat/1", { "a.txt": LINES.replace("line 3", "LINE 3"), "new.txt": "new\n" });
  w.repo.write("b.txt", `${LINES}\nmy uncommitted line`);
  w.repo.write("sub/c.txt", "staged\n");
  w.repo.git("add", "sub/c.txt");
  w.repo.write("sub/c.txt", "and changed again\n");
  w.repo.write("mine.txt", "untracked\n");
  w.repo.write("debug.log", "ignored\n");
  w.repo.git("rm", "-q", "--cached", ".gitignore");
  const before = fingerprint(w, ["a.txt", "new.txt"]);
  const status = w.repo.git("status", "--porcelain");

  await w.scm.mergePR(pr, method);

  expect(fingerprint(w, ["a.txt", "new.txt"])).toEqual(before);
  expect(w.repo.git("status", "--porcelain")).toBe(status);
  expect(readFileSync(join(w.repo.path, "a.txt"), "utf8")).toContain("LINE 3");
  expect(w.repo.git("show", "main:new.txt")).toBe("new\n");
});

it.each([
  ["an uncommitted edit", "a.txt", (w: World) => w.repo.write("a.txt", `${LINES}\nmine`)],
  [
    "a staged edit",
    "a.txt",
    (w: World) => {
      w.repo.write("a.txt", `${LINES}\nmine`);
      w.repo.git("add", "a.txt");
    },
  ],
  ["an untracked file of the same name", "new.log.txt", (w: World) => w.repo.write("new.log.txt", "mine\n")],
  ["an ignored file of the same name", "new.log", (w: World) => w.repo.write("new.log", "mine\n")],
  ["an untracked file where a folder must go", "dir", (w: World) => w.repo.write("dir", "mine\n")],
  [
    "an edit of a file that is marked as unchanged in git",
    "a.txt",
    (w: World) => {
      w.repo.git("update-index", "--assume-unchanged", "a.txt");
      w.repo.write("a.txt", `${LINES}\nmine`);
    },
  ],
])("refuses to merge over %s, names it, and changes nothing", async (_, name, edit) => {
  const w = world({ files: FILES });
  const pr = await approved(w, "feat/1", {
    "a.txt": LINES.replace("line 3", "LINE 3"),
    "new.log.txt": "theirs\n",
    "dir/file": "theirs\n",
  });
  // Added with force: the branch tracks a file that the base ignores.
  w.commit("feat/1", { ".gitignore": "", "new.log": "theirs\n" });
  await approve(w, pr);
  edit(w);
  const before = {
    ...fingerprint(w),
    head: w.repo.git("rev-parse", "main"),
    status: w.repo.git("status", "--porcelain"),
  };
  const error = await refusal(w.scm.mergePR(pr, "merge"));
  expect(error).toMatchObject({ code: "REFUSED", files: [name], message: expect.stringContaining(name) });
  expect({
    ...fingerprint(w),
    head: w.repo.git("rev-parse", "main"),
    status: w.repo.git("status", "--porcelain"),
  }).toEqual(before);
  expect(await w.scm.getPRState(pr)).toBe("open");
});

it("advances a base that is not checked out, and one in another worktree together with its files", async () => {
  const w = world({ files: FILES });
  w.repo.git("switch", "-q", "-c", "elsewhere");
  const first = await approved(w, "feat/1", { "a.txt": "one\n" });
  await w.scm.mergePR(first);
  expect(w.repo.git("show", "main:a.txt")).toBe("one\n");
  expect(readFileSync(join(w.repo.path, "a.txt"), "utf8")).toBe(LINES);
  expect(w.repo.git("reflog", "-1", "--format=%gs", "main").trim()).toBe("ao: merge pull request #1");

  const other = join(w.repo.path, "..", "other");
  w.repo.git("worktree", "add", "-q", other, "main");
  const second = await approved(w, "feat/2", { "b.txt": "two\n" });
  await w.scm.mergePR(second, "squash");
  expect(readFileSync(join(other, "b.txt"), "utf8")).toBe("two\n");
  expect(w.repo.git("-C", other, "status", "--porcelain")).toBe("");
  expect(w.repo.git("-C", other, "reflog", "-1", "--format=%gs", "HEAD")).toContain("ao: merge pull request #2");
});

it("refuses while the base's checkout is in the middle of a merge or a rebase", async () => {
  const w = world({ files: FILES });
  const pr = await approved(w, "feat/1", { "sub/c.txt": "theirs\n" });
  w.commit("mine", { "a.txt": "x\n" });
  w.repo.commit("main moves", { "a.txt": "y\n" });
  expect(() => w.repo.git("merge", "mine")).toThrow();
  expect(await refusal(w.scm.mergePR(pr))).toMatchObject({ message: expect.stringContaining("during the merge in") });
  w.repo.git("merge", "--abort");
  expect(() => w.repo.git("rebase", "mine")).toThrow();
  expect(await refusal(w.scm.mergePR(pr))).toMatchObject({ message: expect.stringContaining("during the rebase in") });
  w.repo.git("rebase", "--abort");
  await w.scm.mergePR(pr);
});

it("squashes to one commit, rebases to the branch's own commits, and keeps their authors", async () => {
  const w = world({ files: FILES });
  w.commit("feat/1", { "a.txt": "1\n" }, "first step");
  w.commit("feat/1", { "a.txt": "2\n" }, "second step\n\nwith a body");
  const pr = await w.scm.createPR({
    title: "Two steps; $(touch x)",
    body: "why",
    branch: "feat/1",
    baseBranch: "main",
  });
  await approve(w, pr);
  await w.scm.mergePR(pr, "squash");
  expect(w.repo.git("log", "-1", "--format=%B%P", "main").trim()).toMatch(
    /^Two steps; \$\(touch x\) \(#1\)\n\nwhy\n[0-9a-f]{40}$/,
  );

  w.repo.commit("main moves", { "b.txt": "moved\n" });
  const author = ["-c", "user.name=Émile", "-c", "user.email=e@example.invalid"];
  const env = { ...w.repo.env, GIT_AUTHOR_NAME: "Émile", GIT_AUTHOR_DATE: "2020-02-02T02:02:02 +0200" };
  execFileSync("git", [...author, "worktree", "add", "-q", "-b", "feat/2", "../two", "main~1"], {
    cwd: w.repo.path,
    env,
  });
  const two = join(w.repo.path, "..", "two");
  for (const step of ["x", "y"]) {
    writeFileSync(join(two, `${step}.txt`), step);
    execFileSync("git", ["add", "-A"], { cwd: two, env });
    execFileSync("git", ["commit", "-q", "-m", `add ${step}\n\nbody ${step}`], { cwd: two, env });
  }
  const second = await w.open("feat/2");
  await approve(w, second);
  await w.scm.mergePR(second, "rebase");
  expect(w.repo.git("log", "-3", "--format=%s|%an|%cn|%ad", "--date=raw", "main").trim().split("\n")).toEqual([
    "add y|Émile|Test|1580601722 +0200",
    "add x|Émile|Test|1580601722 +0200",
    expect.stringContaining("main moves|"),
  ]);
  expect(w.repo.git("log", "--merges", "--oneline", "main")).toBe("");
});

it("merges only the head that was reviewed", async () => {
  const w = world({ files: FILES });
  const judged = w.commit("feat/1", { "a.txt": "1\n" });
  const pr = await w.open("feat/1");
  await approve(w, pr);
  w.commit("feat/1", { "a.txt": "2\n" });
  expect(await refusal(w.scm.mergePR(pr, "merge", { expectedHeadSha: judged }))).toMatchObject({ code: "REFUSED" });
  expect(await refusal(w.scm.mergePR(pr))).toMatchObject({
    message: expect.stringContaining("current head needs an approval"),
  });
});

it("detects a conflict and names its files, without touching a checkout", async () => {
  const w = world({ files: FILES });
  const pr = await approved(w, "feat/1", { "a.txt": "theirs\n" });
  w.repo.commit("main moves", { "a.txt": "ours\n" });
  const before = fingerprint(w);
  const objects = w.repo.git("count-objects");
  const [snapshot] = await w.scm.getSnapshots([pr]);
  expect(snapshot).toMatchObject({ hasConflicts: true, readiness: { noConflicts: false, mergeable: false } });
  expect(snapshot?.readiness.blockers).toEqual(["it conflicts with main: a.txt"]);
  expect(await refusal(w.scm.mergePR(pr))).toMatchObject({ code: "REFUSED" });
  expect(fingerprint(w)).toEqual(before);
  expect(w.repo.git("count-objects")).toBe(objects);
});

it.each(METHODS)("finishes a %s that was interrupted before, or after, the base moved", async (method) => {
  for (const moment of ["before", "after"] as const) {
    const w = world({ files: FILES });
    const pr = await approved(w, "feat/1", { "a.txt": "1\n" });
    const twin = await approved(w, "feat/2", { "b.txt": "2\n" });
    // A killed daemon leaves the intent, with or without its effect.
    await w.scm.mergePR(pr, method);
    const done = recordOf(w.desk, pr);
    const merging = {
      method,
      headSha: done.headSha,
      baseSha: w.repo.git("rev-parse", "main@{1}").trim(),
      resultSha: done.mergeSha ?? "",
      at: done.mergedAt ?? "",
    };
    w.desk.prs.put("1", { ...done, state: "open", mergedAt: null, mergeSha: null, merging });
    if (moment === "before") w.repo.git("reset", "-q", "--hard", merging.baseSha);
    const again = w.again();
    await again.scm.mergePR(pr, method);
    await again.scm.mergePR(pr, method);
    expect(w.repo.git("rev-parse", "main").trim()).toBe(merging.resultSha);
    expect(recordOf(again.desk, pr)).toMatchObject({ state: "merged", mergeSha: merging.resultSha, merging: null });
    await again.scm.mergePR(twin, method);
    expect(w.repo.git("status", "--porcelain")).toBe("");
  }
});

it("merges many at once, each exactly once", async () => {
  const w = world({ files: FILES });
  const prs = [];
  for (let index = 0; index < 6; index++) prs.push(await approved(w, `feat/${index}`, { [`f${index}.txt`]: "x" }));
  await Promise.all([...prs, ...prs].map((pr) => w.scm.mergePR(pr, "merge")));
  expect(w.repo.git("log", "--merges", "--format=%s", "main").trim().split("\n")).toHaveLength(6);
  expect(w.repo.git("status", "--porcelain")).toBe("");
});

it("runs no hook, filter, driver or signing program of the repository's config while it judges and merges", async () => {
  const w = world({ files: { ...FILES, ".gitattributes": "*.txt filter=evil merge=evil diff=evil\n" } });
  const canary = join(w.repo.path, "..", "canary");
  const pr = await approved(w, "feat/1", { "a.txt": LINES.replace("line 3", "LINE 3") });
  w.repo.commit("main moves", { "a.txt": LINES.replace("line 20", "LINE 20") });
  const evil = `touch ${canary}; cat`;
  for (const key of [
    "filter.evil.clean",
    "filter.evil.smudge",
    "merge.evil.driver",
    "diff.evil.textconv",
    "diff.external",
  ]) {
    w.repo.git("config", key, evil);
  }
  w.repo.git("config", "core.fsmonitor", evil);
  w.repo.git("config", "commit.gpgSign", "true");
  w.repo.git("config", "gpg.program", evil);
  const hooks = join(w.repo.path, ".git", "hooks");
  mkdirSync(hooks, { recursive: true });
  for (const hook of [
    "post-merge",
    "pre-merge-commit",
    "reference-transaction",
    "post-checkout",
    "post-index-change",
  ]) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
  }
  expect(await w.scm.getDiff(pr)).toContain("+LINE 3");
  const error = await refusal(w.scm.mergePR(pr));
  expect(error).toMatchObject({ code: "REFUSED", message: expect.stringContaining("needs a filter") });
  expect(() => statSync(canary)).toThrow();
  w.repo.git("config", "--remove-section", "filter.evil");
  await w.scm.mergePR(pr);
  expect(() => statSync(canary)).toThrow();
  expect(w.repo.git("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "show", "main:a.txt")).toBe(
    LINES.replace("line 3", "LINE 3").replace("line 20", "LINE 20"),
  );
});

it("is refused while `core.bare` says that the user's checkout has no files", async () => {
  const w = world({ files: FILES });
  const pr = await approved(w, "feat/1", { "new.txt": "new\n" });
  const before = w.repo.git("rev-parse", "main");
  w.repo.git("config", "core.bare", "true");
  const asked = w.scm.mergePR(pr);
  await expect(asked).rejects.toMatchObject({ code: "REFUSED", hint: expect.stringContaining("core.bare false") });
  expect(w.repo.git("rev-parse", "main")).toBe(before);
  w.repo.git("config", "core.bare", "false");
  await w.scm.mergePR(pr);
  expect(readFileSync(join(w.repo.path, "new.txt"), "utf8")).toBe("new\n");
  expect(w.repo.git("status", "--porcelain")).toBe("");
});
