import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import { type Watched, watchedWorld } from "./testing/watched.ts";

it("says when GitHub answered last, and when and why it is asked next", async () => {
  const { github, clock, repos, poll } = await watchedWorld({ repos: 1, pulls: 1 });
  const { scm, shop, prs } = repos[0] as Watched;
  const [pr] = prs as [PRInfo];
  const look = () => {
    const found = scm.lastLook?.(pr);
    if (!found) return found;
    const seconds = (at: string) => Math.round((Date.parse(at) - clock.now()) / 1000);
    return { age: Math.abs(seconds(found.at)), next: seconds(found.nextAt), because: found.because };
  };
  expect(look()).toBeNull();
  await poll();
  expect(look()?.because).toBe("it has changed in the last five minutes");
  const { age = 0, next = 0 } = look() ?? {};
  expect(next).toBeGreaterThan(50);
  await clock.advance(40_000);
  expect(look()).toMatchObject({ age: age + 40, next: next - 40 });

  const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "file-1.txt": "two\n" } });
  const run = shop.startRun({ sha, branch: "feat/1", by: "wes", jobs: [{ name: "test" }] });
  for (let polled = 0; polled < 5; polled += 1) await poll();
  expect(look()).toMatchObject({ next: expect.any(Number), because: "its checks have not finished" });
  expect(look()?.next).toBeLessThanOrEqual(10);
  for (const job of run.jobs) shop.finishJob(job, { conclusion: "success" });
  for (let polled = 0; polled < 130; polled += 1) await poll();
  expect(look()?.because).toBe("it is quiet");
  expect(look()?.age).toBeLessThanOrEqual(60);

  github.fault({ kind: "500" });
  for (let polled = 0; polled < 40; polled += 1) await poll();
  expect(look()?.age).toBeGreaterThanOrEqual(150);
});

it("asks less often about checks that wait for an approval, or that have run for an hour", async () => {
  const { github, clock, repos, poll } = await watchedWorld({ repos: 1, pulls: 1 });
  const { scm, shop, prs } = repos[0] as Watched;
  const [pr] = prs as [PRInfo];
  const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "file-1.txt": "two\n" } });
  await shop.knowMergeability(pr.number);
  const run = shop.startRun({ sha, branch: "feat/1", by: "wes", awaitsApproval: true, jobs: [{ name: "test" }] });
  const states = () => github.requests.filter(({ query }) => query?.includes("mergeStateStatus")).length;
  const askedIn = async (polls: number) => {
    const before = states();
    for (let polled = 0; polled < polls; polled += 1) await poll();
    return states() - before;
  };
  await askedIn(24);
  expect(scm.lastLook?.(pr)?.because).toBe("its checks wait for an approval");
  expect(await askedIn(22)).toBeLessThanOrEqual(2);

  shop.approveRun(run);
  await askedIn(24);
  expect(scm.lastLook?.(pr)?.because).toBe("its checks have not finished");
  expect(await askedIn(22)).toBeGreaterThanOrEqual(10);
  await clock.advance(60 * 60_000);
  await askedIn(2);
  expect(scm.lastLook?.(pr)?.because).toBe("its checks have not finished for an hour");
});
