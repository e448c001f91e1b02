import { expect, test } from "vitest";
import type { Predecessor } from "../model/predecessor.ts";
import { rig } from "./testing/rig.ts";

const issue = (id: string): Predecessor => ({ session: null, issue: id, by: "user", metAt: null });

test("a session that waits for an issue starts when somebody closes it, and asks no more after that", async () => {
  const { world, spawn, pass, session } = await rig();
  const id = world.tracker.seed({ title: "First", description: "" });
  await spawn("app-1", { after: [issue(id)] });
  await pass(60_000);
  expect(session("app-1")).toMatchObject({
    status: "queued",
    queuedFor: `waits for issue ${id} to be closed, or a session of it to be done`,
  });
  await world.tracker.updateIssue(id, { state: "closed" }, {} as never);
  await pass(31_000);
  expect(session("app-1").phase).toBe("running");
  const asked = world.faults.count("tracker.isCompleted");
  await pass(120_000);
  expect(world.faults.count("tracker.isCompleted")).toBe(asked);
});

test("a tracker that does not answer is said, and one that answers again is believed", async () => {
  const { world, spawn, pass, session } = await rig();
  const id = world.tracker.seed({ title: "First", description: "" });
  world.faults.inject("tracker.isCompleted", "cannot-tell");
  await spawn("app-1", { after: [issue(id)] });
  await pass(1_000);
  expect(session("app-1").queuedFor).toContain("(the tracker cannot tell: tracker.isCompleted cannot tell)");
  await pass(31_000);
  expect(session("app-1").queuedFor).not.toContain("cannot tell");
});
