import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { Bare } from "../git/bare.ts";
import { openChange, type Scene, startScene } from "./start.ts";

const version = spawnSync("gh", ["--version"], { encoding: "utf8" });
const hasGh = version.status === 0;

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** The real `gh`, which takes this GitHub for api.github.com. */
async function ghFor({ github, tokens }: Scene, who: keyof Scene["tokens"]) {
  const dir = tempDir("ao-gh");
  const socket = join(dir, "github.sock");
  await github.listenOn(socket);
  // As in a user's clone, whose remote is github.com.
  const work = join(dir, "work");
  await new Bare(dir).run(["clone", "-q", github.cloneUrl("acme/shop"), work]);
  await new Bare(work).run(["remote", "set-url", "origin", "https://github.com/acme/shop.git"]);
  mkdirSync(join(dir, "config"));
  writeFileSync(join(dir, "config", "config.yml"), `http_unix_socket: ${socket}\nprompt: disabled\n`);
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: dir,
    GH_CONFIG_DIR: join(dir, "config"),
    GH_TOKEN: tokens[who].value,
    NO_COLOR: "1",
    GH_REPO: "acme/shop",
    GH_NO_UPDATE_NOTIFIER: "1",
  };
  const run = (...args: string[]) =>
    new Promise<Ended>((resolve, reject) => {
      const child = spawn("gh", args, { cwd: work, env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
      const ended: Ended = { status: null, stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => {
        ended.stdout += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        ended.stderr += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", (status) => resolve({ ...ended, status }));
    });
  return async (...args: string[]) => {
    const { status, stdout, stderr } = await run(...args);
    if (status !== 0) throw new Error(`gh ${args.join(" ")} ended with ${status}: ${stderr}${stdout}`);
    return stdout.trim();
  };
}

test.skipIf(!hasGh)("gh reads, opens, checks, reviews and merges here as on GitHub (skipped without gh)", async () => {
  const scene = await startScene();
  const { shop } = scene;
  const wes = await ghFor(scene, "wes");
  const ann = await ghFor(scene, "ann");
  expect(await wes("api", "user", "--jq", ".login")).toBe("wes");
  await wes("issue", "create", "--title", "wrong total", "--body", "it is 1", "--label", "");
  await wes("issue", "comment", "1", "--body", "more");
  expect(
    JSON.parse(await wes("issue", "view", "1", "--json", "title,body,state,author,comments,labels,assignees,number")),
  ).toMatchObject({ title: "wrong total", state: "OPEN", author: { login: "wes" }, comments: [{ body: "more" }] });
  expect(await wes("issue", "list")).toMatch(/^1\tOPEN\twrong total/);
  await shop.pushCommit("feat", { by: "wes", files: { "src/cart.ts": "export const total = 10;\n" } });
  expect(
    await wes("pr", "create", "--title", "Fix it", "--body", "Fixes #1", "--head", "feat", "--base", "main"),
  ).toMatch(/pull\/2$/);
  const head = shop.pull(2).pull.headSha;
  const { job } = {
    job: shop.finishCheck(head, {
      name: "test",
      by: "wes",
      branch: "feat",
      conclusion: "failure",
      output: { "Run npm test": "expected 1" },
    }),
  };
  expect(await wes("pr", "checks", "2").catch((error: Error) => error.message)).toMatch(/test\tfail/);
  expect(await wes("run", "view", String(job.run.id), "--log-failed")).toContain("expected 1");
  await wes("run", "rerun", String(job.run.id), "--failed");
  const [again] = job.run.jobs.filter(({ attempt }) => attempt === 2);
  if (again === undefined) throw new Error("no second attempt");
  shop.finishJob(again, { conclusion: "success" });
  await ann("pr", "review", "2", "--approve", "--body", "good");
  await expect(wes("pr", "review", "2", "--approve")).rejects.toThrow(/Can not approve your own pull request/);
  const fields =
    "number,state,isDraft,reviewDecision,mergeable,mergeStateStatus,statusCheckRollup,headRefName,headRefOid,reviews,latestReviews,files,commits,additions,changedFiles,closingIssuesReferences";
  const view = JSON.parse(
    await wes("pr", "view", "2", "--json", fields.replace(",closingIssuesReferences", "")),
  ) as Record<string, unknown>;
  expect(view).toMatchObject({
    state: "OPEN",
    reviewDecision: "APPROVED",
    headRefOid: head,
    statusCheckRollup: [{ name: "test", conclusion: "SUCCESS" }],
  });
  await wes("pr", "view", "2");
  expect(await wes("pr", "list", "--json", "number", "--jq", ".[].number")).toBe("2");
  expect(await wes("pr", "diff", "2")).toContain("+export const total = 10;");
  await wes("pr", "merge", "2", "--squash", "--delete-branch");
  expect([shop.pull(2).pull.mergedBy?.login, shop.issue(1).state]).toEqual(["wes", "closed"]);
  await wes("issue", "reopen", "1");
  await wes("issue", "close", "1", "--reason", "not planned");
  expect(shop.issue(1).stateReason).toBe("not_planned");
  await wes("repo", "view", "acme/shop", "--json", "nameWithOwner,defaultBranchRef,viewerPermission");
});

test.skipIf(!hasGh)("gh says what is wrong with a token, and with a repository that is not there", async () => {
  const scene = await startScene();
  const wes = await ghFor(scene, "wes");
  await openChange(scene);
  await expect(wes("pr", "list", "--repo", "acme/nope")).rejects.toThrow(
    /Could not resolve to a Repository with the name 'acme\/nope'/,
  );
  scene.tokens.wes.isRevoked = true;
  await expect(wes("pr", "list")).rejects.toThrow(/HTTP 401: Bad credentials/);
});
