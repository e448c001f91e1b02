import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { isGuarded } from "@agent-orchestrator/plugin-kit/guarded-files";
import { projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { recordOf } from "./desk.ts";
import { world } from "./fixtures/world.ts";
import { parseOptions } from "./options.ts";

const code = async (asked: Promise<unknown>) => {
  const error = await asked.catch((thrown: unknown) => thrown);
  return isAoError(error) ? error.code : error;
};

it("opens one pull request per branch, with increasing numbers, and none without commits", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1" });
  w.commit("feat/2", { "y.txt": "1" });
  w.repo.git("branch", "idle");
  const [first, again] = await Promise.all([w.open("feat/1"), w.open("feat/1")]);
  expect(again).toEqual(first);
  expect(first).toMatchObject({ number: 1, url: "ao://app/pr/1", owner: "local", repo: "app", branch: "feat/1" });
  expect(await code(w.open("idle"))).toBe("REFUSED");
  expect(await code(w.open("no-such-branch"))).toBe("NOT_FOUND");
  for (const branch of ["../../HEAD", "--help", "x y", "a..b", "", "heads/../main", "$(touch x)"]) {
    expect(await code(w.open(branch)), branch).toBe("NOT_FOUND");
  }
  await w.scm.closePR(first);
  await w.scm.closePR(first);
  expect(await w.scm.getPRState(first)).toBe("closed");
  expect(await code(w.scm.mergePR(first))).toBe("REFUSED");
  expect((await w.open("feat/1")).number).toBe(2);
  writeFileSync(join(w.stateDir, "prs", "7.json"), "{ torn");
  expect((await w.open("feat/2")).number).toBe(8);
  expect(await w.scm.detectPR(pluginSession({ branch: "feat/1" }), projectConfig())).toMatchObject({ number: 2 });
  expect(await w.scm.detectPR(pluginSession({ branch: "idle" }), projectConfig())).toBeNull();
});

it("shows what only a remote has as part of the change, because a merge brings it into the local base", async () => {
  const w = world();
  const upstream = w.commit("upstream", { ".github/workflows/u.yml": "from elsewhere\n" });
  w.repo.git("update-ref", "refs/remotes/origin/main", upstream);
  w.repo.git("branch", "feat/1", "upstream");
  w.commit("feat/1", { "mine.txt": "1" });
  const pr = await w.open("feat/1");
  expect(await w.scm.getDiff(pr)).toContain("+from elsewhere");
  expect(await w.scm.getPRSummary(pr)).toMatchObject({ state: "open", additions: 2, deletions: 0 });
  expect(await w.scm.getSnapshots([pr])).toMatchObject([{ touchesGuardedFiles: true }]);
  w.repo.git("merge", "-q", "--ff-only", "origin/main");
  expect(await w.scm.getDiff(pr)).not.toContain("elsewhere");
  expect(await w.scm.getPRSummary(pr)).toMatchObject({ additions: 1 });
});

it("does not merge a draft until it is created again as no draft", async () => {
  const w = world({ options: { requiredReviews: 0 } });
  w.commit("feat/1", { "x.txt": "1" });
  const input = { title: "t", body: "", branch: "feat/1", baseBranch: "main" };
  const draft = await w.scm.createPR({ ...input, isDraft: true });
  expect(await w.scm.getPRState(draft)).toBe("draft");
  expect((await w.scm.getMergeability(draft)).blockers).toEqual(["it is a draft"]);
  expect(await w.scm.createPR(input)).toMatchObject({ number: 1, isDraft: false });
  expect((await w.scm.getMergeability(draft)).mergeable).toBe(true);
});

it("an approval counts only for the head that was reviewed", async () => {
  const w = world();
  const head = w.commit("feat/1", { "x.txt": "1" });
  const pr = await w.open("feat/1");
  expect(await w.scm.submitReview(pr, { state: "approved", body: "" })).toMatchObject({
    headSha: head,
    isTrusted: true,
  });
  expect(await w.scm.getReviewDecision(pr)).toBe("approved");
  w.commit("feat/1", { "x.txt": "2" });
  expect(await w.scm.getReviewDecision(pr)).toBe("pending");
  expect(await code(w.scm.submitReview(pr, { state: "approved", body: "", headSha: head }))).toBe("REFUSED");
  await w.scm.submitReview(pr, { state: "commented", body: "a comment changes no verdict" });
  expect(await w.scm.getReviewDecision(pr)).toBe("pending");
});

it("a request for changes stays in force on new heads until its author approves, or its threads are resolved", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1\n2\n" });
  const pr = await w.open("feat/1");
  const comments = [{ path: "./x.txt", line: 2, body: "no" }];
  await w.scm.submitReview(pr, { state: "changes_requested", body: "please", comments });
  w.commit("feat/1", { "x.txt": "3" });
  expect(await w.scm.getReviewDecision(pr)).toBe("changes_requested");
  const pending = await w.scm.getPendingComments(pr);
  expect(pending.map(({ id, path, line, code: text, url }) => [id, path, line, text, url])).toEqual([
    ["pr1-c1", undefined, undefined, undefined, "ao://app/pr/1#pr1-c1"],
    ["pr1-c2", "x.txt", 2, "2", "ao://app/pr/1#pr1-c2"],
  ]);
  await w.scm.replyTo(pr, "pr1-c2", "done");
  expect(await w.scm.getPendingComments(pr)).toEqual(pending);
  expect(recordOf(w.desk, pr).comments[1]?.replies).toMatchObject([{ body: "done" }]);
  for (const { id } of pending) await w.scm.resolve(pr, id);
  expect(await w.scm.getReviewDecision(pr)).toBe("pending");
  expect(await w.scm.getReviews(pr)).toMatchObject([{ state: "dismissed" }]);
  await w.scm.submitReview(pr, { state: "changes_requested", body: "still no" });
  await w.scm.submitReview(pr, { state: "approved", body: "fine now" });
  expect(await w.scm.getReviewDecision(pr)).toBe("approved");
  expect(await w.scm.getPendingComments(pr)).toEqual([]);
  expect(await code(w.scm.resolve(pr, "nope"))).toBe("NOT_FOUND");
});

it("a remark whose text was resolved says so, and keeps it", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1" });
  const pr = await w.open("feat/1");
  const comments = [{ path: "x.txt", line: 1, body: "Why?" }];
  await w.scm.submitReview(pr, { state: "commented", body: "Rename it.", comments });
  await w.scm.resolve(pr, "pr1-c2");
  expect((await w.scm.getReviews(pr))[0]?.isResolved).toBeUndefined();
  await w.scm.resolve(pr, "pr1-c1");
  expect(await w.scm.getReviews(pr)).toMatchObject([{ body: "Rename it.", isResolved: true }]);
});

it("a reply with an id is written once, and a thread that is resolved with one does not lift the request", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1\n2\n" });
  const pr = await w.open("feat/1");
  const comments = [{ path: "x.txt", line: 2, body: "no" }];
  await w.scm.submitReview(pr, { state: "changes_requested", body: "", comments });
  for (const _ of [1, 2]) await w.scm.replyTo(pr, "pr1-c1", "Addressed in 1234567.", { id: "reply:1" });
  await w.scm.resolve(pr, "pr1-c1");
  expect(recordOf(w.desk, pr).comments[0]?.replies).toHaveLength(1);
  expect(await w.scm.getPendingComments(pr)).toEqual([]);
  expect(await w.scm.getReviewDecision(pr)).toBe("changes_requested");
});

it("refuses a review without text, or of lines that do not exist", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1\n" });
  const pr = await w.open("feat/1");
  expect(await code(w.scm.submitReview(pr, { state: "changes_requested", body: " " }))).toBe("USAGE");
  for (const at of [
    { path: "y.txt" },
    { path: "x.txt", line: 2 },
    { path: "x.txt", line: 0 },
    { path: "../x.txt" },
    { path: "--help" },
  ]) {
    const review = { state: "commented" as const, body: "", comments: [{ ...at, body: "b" }] };
    expect(await code(w.scm.submitReview(pr, review)), JSON.stringify(at)).toBe("USAGE");
  }
  expect(await w.scm.getReviews(pr)).toEqual([]);
});

it("asks for as many approvals as are required, and for none if none is", async () => {
  const two = world({ options: { requiredReviews: 2 } });
  two.commit("feat/1", { "x.txt": "1" });
  const pr = await two.open("feat/1");
  await two.scm.submitReview(pr, { state: "approved", body: "" });
  expect(await two.scm.getReviewDecision(pr)).toBe("pending");
  const none = world({ options: { requiredReviews: 0 } });
  none.commit("feat/1", { "x.txt": "1" });
  const free = await none.open("feat/1");
  expect(await none.scm.getReviewDecision(free)).toBe("none");
  expect(await none.scm.getMergeability(free)).toMatchObject({ mergeable: true, approved: true, ciPassing: true });
  expect(await none.scm.getSnapshots([free])).toMatchObject([{ ci: "none", isCiAbsent: true }]);
  await none.scm.submitReview(free, { state: "commented", body: "what is this?" });
  expect((await none.scm.getMergeability(free)).blockers).toEqual(["it has open comments"]);
});

it("notices that a branch was merged, reset or removed outside `ao`", async () => {
  const w = world({ options: { ciSettle: 0 } });
  for (const name of ["merged", "reset", "removed"]) w.commit(name, { [name]: "1" });
  const [merged, reset, removed] = [await w.open("merged"), await w.open("reset"), await w.open("removed")];
  w.repo.git("merge", "-q", "--no-edit", "merged");
  w.repo.git("branch", "-D", "merged");
  w.repo.git("branch", "-f", "reset", "main");
  w.repo.git("branch", "-D", "removed");
  const snapshots = await w.scm.getSnapshots([merged, reset, removed]);
  expect(snapshots.map((one) => one?.state)).toEqual(["merged", "open", "open"]);
  expect(snapshots[1]?.readiness.blockers).toContain("it has no commits ahead of its base");
  expect(snapshots[2]?.readiness.blockers).toContain("its branch removed is gone");
  await w.watch();
  await waitFor(() => recordOf(w.desk, merged).state === "merged");
  expect(recordOf(w.desk, merged).mergedAt).not.toBeNull();
});

it("treats titles, bodies, comments and branch names as data, whatever they contain", async () => {
  const w = world({
    options: { requiredReviews: 0, ciSettle: 0, ci: [{ name: "t'; touch pwned; #(x)", run: "true" }] },
  });
  const evil = "'; touch pwned; $(touch pwned) `touch pwned` #(touch pwned) \u001b]0;x\u0007 \r\n--amend";
  const branch = ["feat/$(touch$", "{IFS}pwned);`id`#(x)'\""].join("");
  const tip = w.commit("plain", { "ok.txt": "1" });
  execFileSync("git", ["update-ref", `refs/heads/${branch}`, tip], { cwd: w.repo.path, env: w.repo.env });
  const pr = await w.scm.createPR({ title: evil, body: evil, branch, baseBranch: "main" });
  await w.watch();
  await w.scm.submitReview(pr, { state: "commented", body: evil, comments: [{ path: "ok.txt", line: 1, body: evil }] });
  await waitFor(async () => (await w.scm.getCISummary(pr)) === "passing");
  await w.scm.submitReview(pr, { state: "approved", body: evil });
  await w.scm.mergePR(pr, "squash");
  expect(w.repo.git("log", "-1", "--format=%B", "main")).toContain("$(touch pwned)");
  expect((await w.scm.getReviews(pr))[0]?.body).toBe(evil);
  const everywhere = [w.repo.path, w.stateDir].flatMap((dir) => readdirSync(dir, { recursive: true }).map(String));
  expect(everywhere.filter((name) => basename(name) === "pwned")).toEqual([]);
  expect(existsSync("pwned")).toBe(false);
});

it("recognises the files that decide how code is checked", () => {
  const guarded = [
    ".github/workflows/ci.yml",
    ".GitHub/Workflows/x",
    ".gitlab-ci.yml",
    "agent-orchestrator.local.yaml",
    "sub/agent-orchestrator.yml",
    ".ao/issues/1.md",
    ".ci/run",
  ];
  expect(guarded.filter((path) => !isGuarded(path))).toEqual([]);
  expect(["package.json", "src/github/workflows.ts", "docs/agent-orchestrator.md"].filter(isGuarded)).toEqual([]);
});

it("marks a pull request that changes or removes one of them", async () => {
  const w = world({ files: { "a.txt": "a", ".github/workflows/ci.yml": "on: push\n" } });
  w.commit("feat/1", { ".github/workflows/ci.yml": null, "moved.yml": "on: push\n" });
  w.commit("feat/2", { "a.txt": "b" });
  const snapshots = await w.scm.getSnapshots([await w.open("feat/1"), await w.open("feat/2")]);
  expect(snapshots.map((one) => one?.touchesGuardedFiles)).toEqual([true, false]);
});

it("reports all problems of its options at once", () => {
  expect(() => parseOptions({ ci: [{ name: "a", run: "x", timeout: "soon" }, { name: "" }], reviews: 1 })).toThrow(
    /scm\.ci\.0\.timeout: must be a duration.*scm\.ci\.1\.name.*scm\.ci\.1\.run.*reviews/s,
  );
  expect(() =>
    parseOptions({
      ci: [
        { name: "a", run: "x" },
        { name: "a", run: "y" },
      ],
    }),
  ).toThrow(/two checks have the same name/);
});

it("keeps unknown fields of a record", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1" });
  const pr = await w.open("feat/1");
  const path = join(w.stateDir, "prs", "1.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), later: { added: true } }));
  const next = w.again();
  await next.scm.submitReview(pr, { state: "approved", body: "" });
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
    later: { added: true },
    reviews: [{ state: "approved" }],
  });
});
