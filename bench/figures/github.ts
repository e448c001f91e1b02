import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { GitHub, type RepoControl } from "@agent-orchestrator/testkit/github/github";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import type { Bench } from "../support/context.ts";
import { childrenOf, cpuMs, rssMb } from "../support/proc.ts";
import { agentFile, BenchSandbox } from "../support/stage.ts";

const run = promisify(execFile);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const REPOS = 5;
/** Long enough for everything that follows the last change, and two of the slower looks. */
const SETTLE_S = 150;
const WATCHED_S = 60;

interface World {
  github: GitHub;
  box: BenchSandbox;
  shops: RepoControl[];
}

/** Five repositories on a GitHub of our own, which is not in the daemon's process, and a session for each pull request. */
async function worldOf(pulls: number): Promise<World> {
  const github = await GitHub.start();
  const box = new BenchSandbox({ userConfig: "limits: { maxConcurrentSessions: 1000 }\n" });
  const token = github.token("wes");
  const shops: RepoControl[] = [];
  for (let at = 1; at <= REPOS; at += 1) {
    const name = `acme/shop-${at}`;
    const shop = await github.addRepo(name, { files: {}, collaborators: { ann: "admin", wes: "write" } });
    for (let issue = 1; issue <= pulls; issue += 1) shop.openIssue({ by: "ann", title: `Task ${issue}` });
    const { path } = repoAt(join(box.dir, `shop-${at}`));
    // Not synchronous: the server is in this process.
    await run("git", ["-C", path, "remote", "add", "origin", github.cloneUrl(name, token)], { env: box.env });
    await run("git", ["-C", path, "push", "-q", "origin", "main"], { env: box.env });
    shops.push(shop);
  }
  const access = `token: ${token.value}, baseUrl: "${github.baseUrl}"`;
  const projects = shops.map(
    ({ fullName }, at) => `  shop-${at + 1}:
    path: ../shop-${at + 1}
    repo: ${fullName}
    tracker: { plugin: github }
    scm: { plugin: github, ${access}, openPr: turn-end }
    agentConfig: { command: /bin/sh, args: [${JSON.stringify(agentFile("idle.sh"))}, commit], quietMs: 300 }`,
  );
  const config = `defaults: { runtime: tmux, agent: command, notifiers: [] }\nprojects:\n${projects.join("\n")}\n`;
  writeFileSync(join(box.repo.path, "agent-orchestrator.yaml"), config);
  await box.start();
  await box.trust();
  return { github, box, shops };
}

/** Each issue gets a session, whose branch becomes a pull request with a passed check. */
async function fill({ box, shops }: World, pulls: number): Promise<void> {
  const issues = Array.from({ length: pulls }, (_, at) => String(at + 1));
  for (const [at] of shops.entries()) {
    // GitHub lets one user create 80 things a minute: a spawn may be told to come back.
    const isSpawned = async () => {
      await box.get("spawn", { words: [`shop-${at + 1}`, ...issues] });
      return true;
    };
    await waitFor(isSpawned, { what: "the sessions", timeoutMs: 300_000, intervalMs: 5_000 });
  }
  const passed = new Set<string>();
  const isReady = async () => {
    const sessions = await box.get("status", {});
    for (const { projectId, branch, pr } of sessions) {
      if (pr === null || passed.has(pr.url)) continue;
      shops[Number(projectId.split("-")[1]) - 1]?.finishCheck(pr.headSha, {
        name: "test",
        branch,
        by: "wes",
        conclusion: "success",
      });
      passed.add(pr.url);
    }
    return sessions.length === pulls * REPOS && sessions.every(({ pr }) => pr?.ci === "passing");
  };
  await waitFor(isReady, { what: "pull requests with a passed check", timeoutMs: 600_000, intervalMs: 1_000 });
}

/** What watching pull requests on GitHub costs the daemon while nothing happens. */
export const github: Bench = async ({ isQuick, say }) => {
  const pulls = isQuick ? 4 : 20;
  const world = await worldOf(pulls);
  try {
    const begin = performance.now();
    await fill(world, pulls);
    say(`${pulls * REPOS} pull requests after ${((performance.now() - begin) / 1000).toFixed(0)} s`);
    await sleep((isQuick ? SETTLE_S / 5 : SETTLE_S) * 1000);
    const pid = world.box.info()?.pid ?? 0;
    const pids = [pid, ...childrenOf(pid)];
    const before = pids.map(cpuMs);
    const asked = world.github.requests.length;
    await sleep(WATCHED_S * 1000);
    const used = pids.reduce((sum, each, at) => sum + cpuMs(each) - (before[at] ?? 0), 0);
    const requests = world.github.requests.slice(asked);
    return [
      {
        id: "github-watching",
        what: `watching ${pulls * REPOS} quiet pull requests in ${REPOS} repositories on GitHub, of one core`,
        unit: "%",
        figure: used / (WATCHED_S * 10),
        goal: "≤ 1 % of one core",
        limit: 1,
        notes: [
          `${requests.length} requests in ${WATCHED_S} s, ${requests.reduce((sum, { counted }) => sum + counted, 0)} counted`,
        ],
      },
      {
        id: "github-memory",
        what: `the daemon's memory, ${pulls * REPOS} sessions with pull requests on GitHub`,
        unit: "MB",
        figure: rssMb(pid),
        goal: "≤ 150 MB",
        limit: 150,
      },
    ];
  } finally {
    await world.box.close();
    await world.github.stop();
  }
};
