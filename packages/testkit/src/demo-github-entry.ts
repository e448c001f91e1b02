// The GitHub of `ao demo --scm github`: this testkit's own, with the demo's project, issues and a CI that really runs its tests.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitHub, type RepoControl } from "./github/github.ts";
import type { Happening } from "./github/world.ts";

const NAME = "you/till";
const SECRET = "demo";

/** Front matter, then the body, as tracker-local has issues. */
function issueOf(path: string): { title: string; body: string } {
  const [, head = "", ...body] = readFileSync(path, "utf8").split(/^---$/m);
  return { title: /^title: (.*)$/m.exec(head)?.[1] ?? path, body: body.join("---").trim() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Runs the project's tests on a commit, as a workflow would. */
async function test(till: RepoControl, { sha, branch }: { sha: string; branch: string }): Promise<void> {
  const run = till.startRun({ sha, branch, by: "you", jobs: [{ name: "test" }] });
  const [job] = run.jobs;
  if (job === undefined) return;
  till.startJob(job);
  const dir = await mkdtemp(join(tmpdir(), "ao-demo-ci-"));
  try {
    await till.repo.git.run(["worktree", "add", "--quiet", "--detach", dir, sha]);
    const ended = await new Promise<{ isOk: boolean; text: string }>((resolve) =>
      execFile("npm", ["test", "--silent"], { cwd: dir, timeout: 60_000 }, (error, out, err) =>
        resolve({ isOk: error === null, text: out + err }),
      ),
    );
    till.finishJob(job, {
      conclusion: ended.isOk ? "success" : "failure",
      output: { "Run npm test": ended.text },
    });
  } finally {
    await till.repo.git.run(["worktree", "remove", "--force", dir]).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}

function pushOf({ event, subject }: Happening): { sha: string; branch: string } | null {
  const { ref, after } = (subject.change ?? {}) as { ref?: string; after?: string | null };
  const branch = ref?.replace("refs/heads/", "");
  if (event !== "push" || !after || branch === undefined || branch === "main") return null;
  return { sha: after, branch };
}

const [issues = ""] = process.argv.slice(2);
const github = await GitHub.start();
const till = await github.addRepo(NAME, { files: {}, collaborators: { you: "admin" } });
for (const name of readdirSync(issues).sort()) till.openIssue({ by: "you", ...issueOf(join(issues, name)) });
const runs = new Set<Promise<void>>();
github.world.listeners.add((happening) => {
  const push = pushOf(happening);
  if (push === null) return;
  const run = test(till, push).finally(() => runs.delete(run));
  runs.add(run);
});
const webhook = { path: "/github", secret: SECRET, port: await freePort() };
till.hook({ url: `http://127.0.0.1:${webhook.port}${webhook.path}`, secret: SECRET });
const token = github.token("you");
const access = { token: token.value, baseUrl: github.baseUrl };
const project = {
  repo: NAME,
  tracker: { plugin: "github" },
  scm: { plugin: "github", ...access, openPr: "turn-end", webhook },
};
process.stdout.write(`${JSON.stringify({ project, remote: github.cloneUrl(NAME, token) })}\n`);
process.stdin.resume().on("end", async () => {
  await Promise.all(runs);
  await github.stop();
  process.exit(0);
});
