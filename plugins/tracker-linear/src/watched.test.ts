import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, it } from "vitest";
import { world } from "./testing/world.ts";

it("asks for issues that are asked for at once in one query for each fifty, across teams", async () => {
  const { linear, workspace, team, tracker, project } = await world();
  const ops = workspace.addTeam("OPS");
  const issues = Array.from({ length: 100 }, (_, n) =>
    workspace.addIssue(n % 3 === 0 ? ops : team, { title: `${n}`, state: n % 2 === 0 ? "Done" : "Todo" }),
  );
  const before = linear.requests.length;
  const answers = await Promise.all(issues.map(({ identifier }) => tracker.isCompleted(identifier, project)));
  expect(answers).toEqual(issues.map((_, n) => n % 2 === 0));
  const asked = linear.requests.slice(before);
  expect(asked).toHaveLength(2);
  expect(Math.max(...asked.map(({ complexity }) => complexity))).toBeLessThan(300);
});

it("tells who asked for an issue that is gone, and the others theirs", async () => {
  const { workspace, team, tracker, project } = await world();
  const [one, two] = [
    workspace.addIssue(team, { title: "1" }),
    workspace.addIssue(team, { title: "2", state: "Done" }),
  ];
  workspace.remove(one);
  const [gone, done, archived] = await Promise.allSettled([
    tracker.isCompleted(one.identifier, project),
    tracker.isCompleted(two.identifier, project),
    tracker.isCompleted(
      Object.assign(workspace.addIssue(team, { title: "3", state: "Done" }), { archivedAt: "2026-01-01T00:00:00Z" })
        .identifier,
      project,
    ),
  ]);
  expect(gone).toMatchObject({ status: "rejected", reason: { code: "NOT_FOUND" } });
  expect(done).toMatchObject({ value: true });
  expect(archived).toMatchObject({ value: true });
});

it("gives up for whom gives up, and goes on for the others", async () => {
  const { linear, workspace, team, tracker, project } = await world();
  const [one, two] = [
    workspace.addIssue(team, { title: "1" }),
    workspace.addIssue(team, { title: "2", state: "Done" }),
  ];
  linear.fault({ kind: "unavailable", times: 1 });
  const impatient = new AbortController();
  const asked = [
    tracker.isCompleted(one.identifier, project, { signal: impatient.signal }),
    tracker.isCompleted(two.identifier, project),
  ];
  impatient.abort(new Error("enough"));
  await expect(asked[0]).rejects.toThrow("enough");
  expect(await asked[1]).toBe(true);
});

it("needs at most 120 requests for a hundred watched issues in a quiet hour", async () => {
  const clock = fakeClock();
  const { linear, workspace, team, tracker, project } = await world({ context: { clock } });
  const ids = Array.from({ length: 100 }, (_, n) => workspace.addIssue(team, { title: `${n}` }).identifier);
  const { pollMs = 0 } = tracker;
  for (let at = 0; at <= 3_600_000; at += pollMs) {
    await Promise.all(ids.map((id) => tracker.isCompleted(id, project)));
    await clock.pass(pollMs);
  }
  const { length } = linear.requests;
  const complexity = linear.requests.reduce((sum, one) => sum + one.complexity, 0);
  console.log(`100 watched issues, one quiet hour: ${length} requests, ${complexity} points of complexity`);
  expect(length).toBeGreaterThan(60);
  expect(length).toBeLessThanOrEqual(120);
});
