import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { gitEnv } from "../../temp-repo.ts";
import { Bare } from "../git/bare.ts";
import { type Scene, startScene } from "./start.ts";

const repo = { owner: "acme", repo: "shop" };

/** Runs git as a user would, without the server's help. */
function gitIn(dir: string) {
  const runner = new Bare(dir);
  return (...args: string[]) => runner.run(args, { env: gitEnv(dir) });
}

async function clone({ github, tokens }: Scene, who: keyof Scene["tokens"]) {
  const dir = tempDir("ao-github-clone");
  await gitIn(dir)("clone", "-q", github.cloneUrl("acme/shop", tokens[who]), "work");
  return { git: gitIn(join(dir, "work")), dir: join(dir, "work") };
}

test("a clone is pushed over http, its pull request follows, and a force push is seen as one", async () => {
  const scene = await startScene();
  const { wes, github } = scene;
  const { git } = await clone(scene, "wes");
  await git("checkout", "-qb", "feat");
  await git("commit", "-q", "--allow-empty", "-m", "one");
  await git("push", "-q", "origin", "feat");
  const { data: pr } = await wes.pulls.create({ ...repo, title: "one", head: "feat", base: "main" });
  await git("commit", "-q", "--amend", "--allow-empty", "-m", "two");
  await git("push", "-qf", "origin", "feat");
  const head = (await git("rev-parse", "HEAD")).trim();
  expect((await wes.pulls.get({ ...repo, pull_number: pr.number })).data.head.sha).toBe(head);
  const { data: events } = await wes.issues.listEvents({ ...repo, issue_number: pr.number });
  expect(events.map(({ event }) => event)).toEqual(["head_ref_force_pushed"]);
  await git("fetch", "-q", "origin", `pull/${pr.number}/head`);
  expect((await git("rev-parse", "FETCH_HEAD")).trim()).toBe(head);
  await git("push", "-q", "origin", ":feat");
  expect((await wes.pulls.get({ ...repo, pull_number: pr.number })).data.state).toBe("closed");
  expect(github.requests.some(({ surface, path }) => surface === "git" && path.endsWith("/git-receive-pack"))).toBe(
    true,
  );
});

test("pushes need write access, private repositories a token, and protected branches a pull request", async () => {
  const scene = await startScene();
  const { shop, github, tokens } = scene;
  const guest = await clone(scene, "rob");
  await guest.git("commit", "-q", "--allow-empty", "-m", "mine");
  await expect(guest.git("push", "-q", "origin", "HEAD:refs/heads/x")).rejects.toThrow(/403/);
  await shop.protect("main", { requiredApprovals: 1 });
  const writer = await clone(scene, "wes");
  await writer.git("commit", "-q", "--allow-empty", "-m", "direct");
  await expect(writer.git("push", "-q", "origin", "main")).rejects.toThrow(/GH006: Protected branch update failed/);
  shop.repo.isPrivate = true;
  const dir = tempDir("ao-github-anonymous");
  await expect(gitIn(dir)("clone", "-q", github.cloneUrl("acme/shop"), "x")).rejects.toThrow(
    /could not read Username|Authentication failed/,
  );
  tokens.wes.isRevoked = true;
  await expect(writer.git("fetch", "-q")).rejects.toThrow(/Authentication failed|401/);
});

test("a fork's pull request has its head in the other repository, and stays when the fork is deleted", async () => {
  const scene = await startScene();
  const { shop, wes, rob, ann } = scene;
  const fork = await shop.fork("rob");
  await fork.pushCommit("fix", { by: "rob", files: { "README.md": "# better\n" } });
  const { data: pr } = await rob.pulls.create({ ...repo, title: "better", head: "rob:fix", base: "main" });
  expect([pr.head.repo?.full_name, pr.head.label, pr.base.repo.full_name, pr.author_association]).toEqual([
    "rob/shop",
    "rob:fix",
    "acme/shop",
    "COLLABORATOR",
  ]);
  expect((await wes.pulls.list({ ...repo, head: "rob:fix" })).data.map(({ number }) => number)).toEqual([pr.number]);
  await rob.repos.delete({ owner: "rob", repo: "shop" });
  expect((await ann.pulls.get({ ...repo, pull_number: pr.number })).data.head.repo).toBe(null);
  await ann.pulls.merge({ ...repo, pull_number: pr.number });
});

test("a renamed repository redirects REST, GraphQL and git", async () => {
  const scene = await startScene();
  const { shop, wes, query } = scene;
  const { git } = await clone(scene, "wes");
  shop.move({ name: "store" });
  expect((await wes.repos.get(repo)).data.full_name).toBe("acme/store");
  const found = await query<{ repository: { nameWithOwner: string } }>(
    `{ repository(owner: "acme", name: "shop") { nameWithOwner } }`,
  );
  expect(found.repository.nameWithOwner).toBe("acme/store");
  await git("fetch", "-q");
});

test("merging by each method makes the commits that GitHub makes, and conflicts are refused", async () => {
  const scene = await startScene();
  const { shop, wes } = scene;
  const heads: string[] = [];
  for (const method of ["merge", "squash", "rebase"] as const) {
    await shop.pushCommit(method, {
      by: "wes",
      files: { [`${method}.txt`]: "1\n" },
      message: `add ${method}`,
      from: "main",
    });
    const pr = await shop.openPull({ by: "wes", title: `Add ${method}`, head: method });
    await wes.pulls.merge({ ...repo, pull_number: pr.number, merge_method: method });
    const { data } = await wes.repos.getCommit({ ...repo, ref: "main" });
    heads.push(`${data.commit.message.split("\n")[0]} ${data.parents.length}`);
  }
  expect(heads).toEqual(["Merge pull request #1 from acme/merge 2", "Add squash (#2) 1", "add rebase 1"]);
  await shop.pushCommit("ours", { by: "wes", files: { "README.md": "# ours\n" } });
  await shop.pushCommit("main", { by: "ann", files: { "README.md": "# theirs\n" } });
  const pr = await shop.openPull({ by: "wes", title: "conflict", head: "ours" });
  await shop.knowMergeability(pr.number);
  const { data } = await wes.pulls.get({ ...repo, pull_number: pr.number });
  expect([data.mergeable, data.mergeable_state]).toEqual([false, "dirty"]);
  await expect(wes.pulls.merge({ ...repo, pull_number: pr.number })).rejects.toMatchObject({
    status: 405,
    message: expect.stringContaining("not mergeable"),
  });
});
