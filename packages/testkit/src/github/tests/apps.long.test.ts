import { createSign } from "node:crypto";
import { expect, test } from "vitest";
import { client, openChange, startGitHub, startScene, withAuth } from "./start.ts";

const repo = { owner: "acme", repo: "shop" };

function jwtOf(appId: number, privateKey: string, seconds = Date.now() / 1000): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: Math.floor(seconds) - 60, exp: Math.floor(seconds) + 540, iss: String(appId) })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
}

test("an app gets a token for its installation by JWT, and acts as its bot within its permissions", async () => {
  const scene = await startScene();
  const { github } = scene;
  const { app, privateKey } = github.app("robot", {
    permissions: { issues: "write", checks: "write", pull_requests: "write", metadata: "read" },
  });
  const installation = github.install(app, { account: "acme" });
  const asApp = withAuth(github, jwtOf(app.id, privateKey));
  expect((await asApp.apps.getRepoInstallation(repo)).data.id).toBe(installation.id);
  expect((await asApp.apps.getAuthenticated()).data?.slug).toBe("robot");
  const { data: token } = await asApp.apps.createInstallationAccessToken({ installation_id: installation.id });
  const robot = withAuth(github, token.token);
  const { data: issue } = await robot.issues.create({ ...repo, title: "found it", labels: ["bot"] });
  expect([issue.user?.login, issue.user?.type, issue.labels.length]).toEqual(["robot[bot]", "Bot", 1]);
  const pr = await openChange(scene);
  const { data: check } = await robot.checks.create({
    ...repo,
    name: "robot",
    head_sha: pr.pull.headSha,
    conclusion: "failure",
    output: {
      title: "bad",
      summary: "one",
      annotations: [{ path: "src/cart.ts", start_line: 1, end_line: 1, annotation_level: "failure", message: "no" }],
    },
  });
  expect([check.app?.slug, check.output.annotations_count]).toEqual(["robot", 1]);
  await expect(robot.pulls.merge({ ...repo, pull_number: pr.number })).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("Resource not accessible by integration"),
  });
  await expect(robot.users.getAuthenticated()).rejects.toMatchObject({ status: 403 });
  expect((await robot.apps.listReposAccessibleToInstallation()).data.total_count).toBe(1);
  await expect(scene.wes.checks.create({ ...repo, name: "x", head_sha: pr.pull.headSha })).rejects.toMatchObject({
    status: 403,
  });
  const forged = withAuth(github, jwtOf(app.id, github.app("other").privateKey));
  await expect(forged.apps.getAuthenticated()).rejects.toMatchObject({ status: 401 });
  const late = withAuth(github, jwtOf(app.id, privateKey, Date.now() / 1000 - 3600));
  await expect(late.apps.getAuthenticated()).rejects.toMatchObject({ status: 401 });
});

test("issues block each other, have sub-issues, and refuse a circle", async () => {
  const { wes, shop } = await startScene();
  const [one, two, three] = ["one", "two", "three"].map((title) => shop.openIssue({ by: "wes", title }));
  if (one === undefined || two === undefined || three === undefined) throw new Error("no issues");
  const at = (issue_number: number) => ({ ...repo, issue_number });
  await wes.request("POST /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by", {
    ...at(2),
    issue_id: one.id,
  });
  await wes.request("POST /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by", {
    ...at(3),
    issue_id: two.id,
  });
  const circle = wes.request("POST /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by", {
    ...at(1),
    issue_id: three.id,
  });
  await expect(circle).rejects.toMatchObject({ status: 422 });
  const { data: blockers } = await wes.request(
    "GET /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by",
    at(3),
  );
  const { data: blocking } = await wes.request(
    "GET /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocking",
    at(1),
  );
  expect([blockers.map(({ number }) => number), blocking.map(({ number }) => number)]).toEqual([[2], [2]]);
  expect((await wes.issues.get(at(2))).data.issue_dependencies_summary).toEqual({
    blocked_by: 1,
    total_blocked_by: 1,
    blocking: 1,
    total_blocking: 1,
  });
  await wes.request("DELETE /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by/{issue_id}", {
    ...at(3),
    issue_id: two.id,
  });
  await wes.request("POST /repos/{owner}/{repo}/issues/{issue_number}/sub_issues", { ...at(1), sub_issue_id: two.id });
  const { data: parts } = await wes.request("GET /repos/{owner}/{repo}/issues/{issue_number}/sub_issues", at(1));
  expect([parts.map(({ number }) => number), two.parent?.number]).toEqual([[2], 1]);
});

test("a repository is made, filled by the API alone, and read back", async () => {
  const github = await startGitHub();
  const zoe = client(github, github.token("zoe"));
  await zoe.repos.createForAuthenticatedUser({ name: "toy", private: true });
  const toy = { owner: "zoe", repo: "toy" };
  await zoe.repos.createOrUpdateFileContents({
    ...toy,
    path: "docs/a.md",
    message: "add",
    content: Buffer.from("hello").toString("base64"),
  });
  const { data: main } = await zoe.git.getRef({ ...toy, ref: "heads/main" });
  const { data: tree } = await zoe.git.createTree({
    ...toy,
    base_tree: main.object.sha,
    tree: [{ path: "b.txt", mode: "100644", type: "blob", content: "b" }],
  });
  const { data: commit } = await zoe.git.createCommit({
    ...toy,
    message: "more",
    tree: tree.sha,
    parents: [main.object.sha],
  });
  await zoe.git.createRef({ ...toy, ref: "refs/heads/more", sha: commit.sha });
  await expect(zoe.git.updateRef({ ...toy, ref: "heads/more", sha: main.object.sha })).rejects.toMatchObject({
    status: 422,
  });
  const { data: diff } = await zoe.repos.compareCommitsWithBasehead({ ...toy, basehead: "main...more" });
  expect([diff.status, diff.ahead_by, diff.files?.map(({ filename }) => filename)]).toEqual(["ahead", 1, ["b.txt"]]);
  const { data: file } = await zoe.repos.getContent({ ...toy, path: "docs/a.md" });
  expect(Buffer.from((file as { content: string }).content, "base64").toString()).toBe("hello");
  const { data: folder } = await zoe.repos.getContent({ ...toy, path: "docs" });
  expect((folder as { name: string }[]).map(({ name }) => name)).toEqual(["a.md"]);
  await zoe.repos.merge({ ...toy, base: "main", head: "more" });
  expect((await zoe.repos.listCommits(toy)).data.length).toBe(3);
  const { data: milestone } = await zoe.issues.createMilestone({ ...toy, title: "v1" });
  await zoe.issues.create({ ...toy, title: "in v1", milestone: milestone.number });
  expect((await zoe.issues.listMilestones(toy)).data[0]?.open_issues).toBe(1);
  await zoe.issues.createLabel({ ...toy, name: "good first issue", color: "ff0000" });
  await expect(zoe.issues.createLabel({ ...toy, name: "Good first issue" })).rejects.toMatchObject({ status: 422 });
  await zoe.git.deleteRef({ ...toy, ref: "heads/more" });
  await zoe.repos.update({ ...toy, has_issues: false });
  await expect(zoe.issues.listForRepo(toy)).rejects.toMatchObject({ status: 410 });
});
