import { setTimeout as pause } from "node:timers/promises";
import type { PRInfo, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { type FakeClock, fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { GitHub, type RepoControl } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { onTestFinished } from "vitest";
import plugin from "../index.ts";

/** One project that core watches: a repository, its plugin, and its open pull requests. */
export interface Watched {
  shop: RepoControl;
  scm: SCM;
  prs: PRInfo[];
  /** As the last poll reported them. Null where it could not tell. */
  seen: (PRSnapshot | null)[];
}

export interface WatchedWorld {
  github: GitHub;
  clock: FakeClock;
  repos: Watched[];
  /** Moves both clocks by core's interval, and asks as core does. A poll that throws leaves nulls. */
  poll(): Promise<void>;
}

/** Repositories with open pull requests whose one check passed, all settled, on a clock that only `poll` moves. */
export async function watchedWorld(size: { repos: number; pulls: number }): Promise<WatchedWorld> {
  const clock = fakeClock();
  const github = await GitHub.start({ now: clock.now });
  onTestFinished(() => github.stop());
  const repos: Watched[] = [];
  for (let index = 0; index < size.repos; index++) repos.push(await watchedRepo({ github, clock, index }, size.pulls));
  // Long enough for the counterpart's whole seconds.
  await clock.advance(60_000);
  github.requests.length = 0;
  return {
    github,
    clock,
    repos,
    async poll() {
      await clock.advance(repos[0]?.scm.pollMs ?? 0);
      await passing({ github, clock }, Promise.all(repos.map(look)));
    },
  };
}

async function look(watched: Watched): Promise<void> {
  watched.seen = (await watched.scm.getSnapshots?.(watched.prs).catch(() => watched.prs.map(() => null))) ?? [];
}

/** Waits for the work. Time passes only while no request is under way, for the pauses of whoever repeats one. */
export async function passing<T>(
  { github, clock }: { github: GitHub; clock: FakeClock },
  work: Promise<T>,
): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => undefined);
  for (let quiet = 0; !isDone; ) {
    await Promise.race([done.catch(() => undefined), pause(2)]);
    // A fault may leave a request without an answer forever.
    const isBusy = github.requests.some(({ status, fault }) => status === 0 && fault === null);
    quiet = isBusy ? 0 : quiet + 1;
    if (quiet > 4 && !isDone) await clock.advance(500);
  }
  return done;
}

async function watchedRepo(
  { github, clock, index }: { github: GitHub; clock: FakeClock; index: number },
  pulls: number,
): Promise<Watched> {
  const name = `acme/shop-${index}`;
  const shop = await github.addRepo(name, { collaborators: { ann: "admin", wes: "write", rob: "read" } });
  const project = projectConfig({ id: `shop-${index}`, repo: name, scm: { plugin: "github", options: {} } });
  const context = pluginContext({ project, clock });
  const scm = plugin.create({ token: github.token("wes").value, baseUrl: github.baseUrl }, context);
  const prs: PRInfo[] = [];
  for (let number = 1; number <= pulls; number++) prs.push(await openPull(shop, number));
  return { shop, scm, prs, seen: prs.map(() => null) };
}

async function openPull(shop: RepoControl, index: number): Promise<PRInfo> {
  const branch = `feat/${index}`;
  const sha = await shop.pushCommit(branch, { by: "wes", files: { [`file-${index}.txt`]: "one\n" } });
  pass(shop, { sha, branch });
  const { number, title } = await shop.openPull({ by: "wes", title: `Change ${index}`, head: branch });
  await shop.knowMergeability(number);
  const { owner, name } = shop.repo;
  const place = { owner: owner.login, repo: name, branch, baseBranch: "main" };
  return { number, title, url: "", isDraft: false, ...place };
}

/** A check that ended. */
export function pass(
  shop: RepoControl,
  { sha, branch, conclusion = "success" }: { sha: string; branch: string; conclusion?: "success" | "failure" },
): void {
  shop.addCheck({ name: "test", sha, branch, status: "completed", conclusion });
}
