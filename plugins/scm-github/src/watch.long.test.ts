import type { PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { LoggedRequest } from "@agent-orchestrator/testkit/github/github";
import { expect, it } from "vitest";
import { pass, type Watched, type WatchedWorld, watchedWorld } from "./testing/watched.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What the requests since then cost. `asked`: queries for states, of them those that only ask again whether it can be merged. */
function figures(requests: readonly LoggedRequest[]) {
  const states = requests.filter(({ query }) => query?.includes("mergeStateStatus"));
  const details = requests.filter(({ query }) => query?.includes("reviewThreads"));
  return {
    requests: requests.length,
    counted: requests.reduce((sum, { counted }) => sum + counted, 0),
    unchanged: requests.filter(({ status }) => status === 304).length,
    states: states.length,
    details: details.length,
  };
}

const print = (what: string, told: object) => process.stderr.write(`${what}: ${JSON.stringify(told)}\n`);

async function pollFor(world: WatchedWorld, ms: number, each: () => void | Promise<void> = () => undefined) {
  for (const end = world.clock.monotonic() + ms; world.clock.monotonic() < end; ) {
    await world.poll();
    await each();
  }
}

const snapshots = (world: WatchedWorld): (PRSnapshot | null)[] => world.repos.flatMap(({ seen }) => seen);

// A simulated hour takes more than a minute.
it.runIf(process.env.AO_TEST_TIER === "nightly")(
  "watches 100 quiet pull requests for an hour nearly for free, and sees all 100 change within a minute",
  async () => {
    const world = await watchedWorld({ repos: 5, pulls: 20 });
    const { github, clock } = world;
    await world.poll();
    print("first look", figures(github.requests));
    expect(snapshots(world).map((one) => [one?.state, one?.ci])).toEqual(Array(100).fill(["open", "passing"]));

    // Somebody who has just begun to watch waits for what is still under way.
    await pollFor(world, 10 * MINUTE_MS);
    github.requests.length = 0;
    await pollFor(world, HOUR_MS);
    const quiet = figures(github.requests);
    print("one quiet hour", quiet);
    expect(quiet.requests).toBeLessThanOrEqual(600);
    expect(quiet.counted).toBeLessThanOrEqual(100);

    github.requests.length = 0;
    const changes = world.repos.flatMap((repo) => repo.prs.map((_, index) => ({ repo, index })));
    const changed = new Map<string, { at: number; isSeen(now: PRSnapshot): boolean }>();
    const lateness: number[] = [];
    const begin = clock.now();
    await pollFor(world, 2 * MINUTE_MS, async () => {
      for (const [key, { at, isSeen }] of changed) {
        const [name, index] = key.split("#");
        const now = world.repos.find(({ shop }) => shop.fullName === name)?.seen[Number(index)];
        if (!now || !isSeen(now)) continue;
        lateness.push(clock.now() - at);
        changed.delete(key);
      }
      // Twelve polls make a minute. Every poll is followed by a part of the changes.
      const share = Math.ceil((Math.min(clock.now() - begin, MINUTE_MS) / MINUTE_MS) * 100);
      while (100 - changes.length < share) {
        const next = changes.splice((changes.length * 7) % changes.length, 1)[0];
        if (next === undefined) break;
        changed.set(`${next.repo.shop.fullName}#${next.index}`, { at: clock.now(), isSeen: await change(next) });
      }
    });
    const busy = figures(github.requests);
    const latest = Math.max(...lateness);
    const again = askedForMergeability(github.requests);
    print("100 changes in a minute, seen within two", {
      ...busy,
      again,
      seen: lateness.length,
      latestSeconds: latest / 1000,
    });
    expect(changed.size).toBe(0);
    expect(lateness).toHaveLength(100);
    expect(latest).toBeLessThanOrEqual(MINUTE_MS);
    // 25 at a time make one query for each repository and minute.
    expect(busy.states - again).toBeLessThanOrEqual(5 * 2);
  },
  600_000,
);

/** Queries within six seconds of another one of the same repository: GitHub did not know yet whether it can be merged. */
function askedForMergeability(requests: readonly LoggedRequest[]): number {
  const last = new Map<string, number>();
  let again = 0;
  for (const { query, variables, at } of requests) {
    if (!query?.includes("mergeStateStatus")) continue;
    const name = String(variables?.name);
    if (at - (last.get(name) ?? Number.NEGATIVE_INFINITY) <= 6_000) again += 1;
    last.set(name, at);
  }
  return again;
}

/** One of what happens to pull requests. Returns how it shows. */
async function change({ repo: { shop, prs, seen }, index }: { repo: Watched; index: number }) {
  const { number, branch } = prs[index] as Watched["prs"][number];
  const before = seen[index] as PRSnapshot;
  if (index % 4 === 0) {
    const sha = await shop.pushCommit(branch, { by: "wes", files: { [`file-${index + 1}.txt`]: "two\n" } });
    pass(shop, { sha, branch, conclusion: "failure" });
    return (now: PRSnapshot) => now.headSha === sha && now.ci === "failing";
  }
  if (index % 4 === 1) {
    await shop.review(number, { by: "ann", verdict: "REQUEST_CHANGES", body: "No." });
    return (now: PRSnapshot) => now.review === "changes_requested";
  }
  if (index % 4 === 2) {
    shop.comment(number, { by: "ann", body: "And the tax?" });
    return (now: PRSnapshot) => now.comments.length > before.comments.length;
  }
  await shop.merge(number, { by: "ann" });
  return (now: PRSnapshot) => now.state === "merged";
}
