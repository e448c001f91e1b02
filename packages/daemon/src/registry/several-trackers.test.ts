import { AoError } from "@agent-orchestrator/core/model/errors";
import { issueKey } from "@agent-orchestrator/core/model/issue";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { createFaults } from "@agent-orchestrator/testkit/memory/faults";
import { memoryTracker } from "@agent-orchestrator/testkit/memory/tracker";
import { projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, it } from "vitest";
import { inTurns, issuesOf, listEach, severalTrackers } from "./several-trackers.ts";

const project = projectConfig();

/** Issues 1 and 2 are in both, and 3 is in `forge` only. */
function world() {
  const made = (titles: readonly string[]) => {
    const faults = createFaults(fakeClock());
    const tracker = memoryTracker({ faults });
    for (const title of titles) tracker.seed({ title, description: `About ${title}` });
    return { faults, tracker };
  };
  const [team, forge] = [made(["A", "B"]), made(["X", "Y", "Z"])];
  const both = severalTrackers([
    { name: "team", load: async () => team.tracker },
    { name: "forge", load: async () => forge.tracker },
  ]);
  return { team, forge, both };
}

const told = (asked: Promise<unknown>) =>
  asked.then(
    (value) => value,
    ({ code, message, hint = "" }: AoError) => `${code}: ${message} | ${hint}`,
  );

it("finds the tracker that has an issue, and remembers it with the issue", async () => {
  const { both } = world();
  const issue = await both.getIssue("3", project);
  expect([issue.id, issue.title, issue.tracker, issueKey(issue)]).toEqual(["3", "Z", "forge", "forge:3"]);
  expect(await both.getIssue("#3", project)).toEqual(issue);
});

it("refuses to choose between two, names both, and takes the one that is named", async () => {
  const { both, team } = world();
  expect(await told(both.getIssue("1", project))).toBe(
    'AMBIGUOUS: "1" is an issue in team and in forge | Say which: `team:1` or `forge:1`.',
  );
  const before = team.faults.calls.length;
  expect(await both.getIssue("forge:1", project)).toMatchObject({ id: "1", title: "X", tracker: "forge" });
  expect(team.faults.calls).toHaveLength(before);
  expect(await both.getIssue("team:#1", project)).toMatchObject({ id: "1", title: "A", tracker: "team" });
});

it("names all that it asked if none has it, and the prefix of no tracker is part of the words", async () => {
  const { both } = world();
  expect(await told(both.getIssue("9", project))).toBe(
    'NOT_FOUND: no tracker of this project has an issue "9" (team: no issue 9; forge: no issue 9) | ',
  );
  expect(await told(both.getIssue("jira:1", project))).toContain(
    'NOT_FOUND: no tracker of this project has an issue "jira:1"',
  );
  expect(await told(both.getIssue("team:9", project))).toContain("NOT_FOUND: no issue 9");
});

it("does not take the answer of one for that of the other if that can't tell, and says how to go on", async () => {
  const { both, team } = world();
  team.faults.inject("tracker.getIssue", "cannot-tell");
  expect(await told(both.getIssue("3", project))).toMatch(
    /^UNREACHABLE: cannot tell whether "3" is an issue in team: .* \| If forge:3 is meant, say so: `forge:3`\.$/,
  );
  expect(await both.getIssue("forge:3", project)).toMatchObject({ title: "Z" });
  const broken = severalTrackers([
    { name: "team", load: () => Promise.reject(new AoError("CONFIG", "tracker `team` needs `key`")) },
    { name: "forge", load: async () => world().forge.tracker },
  ]);
  expect(await told(broken.getIssue("3", project))).toContain("CONFIG: cannot tell whether");
  expect(await broken.getIssue("forge:3", project)).toMatchObject({ title: "Z" });
});

it("does everything else with the tracker of the issue", async () => {
  const { both, team, forge } = world();
  await both.updateIssue?.("forge:1", { state: "closed", comment: "done" }, project);
  await both.commentIssue?.("team:2", "hm", project);
  expect(await both.isCompleted("forge:1", project)).toBe(true);
  expect(await both.isCompleted("team:1", project)).toBe(false);
  expect(await both.generatePrompt("team:1", project)).toContain("About A");
  expect(await both.generatePrompt("3", project)).toContain("About Z");
  expect([team.tracker.comments, forge.tracker.comments]).toEqual([
    [{ id: "2", body: "hm" }],
    [{ id: "1", body: "done" }],
  ]);
  expect(both.branchName("forge:1", project)).toBe("feat/1");
});

it("asks an issue's own tracker for obstacles and blockers, which keep their tracker", async () => {
  const { team, forge } = world();
  const relations: Partial<Tracker> = {
    findObstacles: async ({ id }) => [`${id} is taken`],
    getBlockers: async () => [forge.tracker.issues.get("2") as never],
  };
  const both = severalTrackers([
    { name: "team", load: async () => team.tracker },
    { name: "forge", load: async () => ({ ...forge.tracker, ...relations }) },
  ]);
  const [one, other] = [await both.getIssue("team:1", project), await both.getIssue("forge:1", project)];
  expect(await both.findObstacles?.(one, project)).toEqual([]);
  expect(await both.findObstacles?.(other, project)).toEqual(["1 is taken"]);
  expect((await both.getBlockers?.(other, project))?.map(issueKey)).toEqual(["forge:2"]);
});

it("keeps what one lists apart from why another can't", async () => {
  const { team, forge } = world();
  team.faults.inject("tracker.listIssues", "cannot-tell");
  const members = [
    { name: "team", load: async () => team.tracker },
    { name: "forge", load: async () => forge.tracker },
  ];
  const lists = await listEach(members, (one) => issuesOf(one, { filters: {}, project }));
  expect(lists.map(({ name, issues, failure }) => [name, issues.length, failure?.code ?? null])).toEqual([
    ["team", 0, "UNREACHABLE"],
    ["forge", 3, null],
  ]);
  expect(
    inTurns(
      lists.map(({ issues }) => issues),
      2,
    ).map(issueKey),
  ).toEqual(["forge:1", "forge:2"]);
});

it("lists the issues of all, in turns, and asks as seldom as the slowest wants", async () => {
  const { both } = world();
  const keys = async (limit?: number) =>
    (await both.listIssues?.(limit === undefined ? {} : { limit }, project))?.map(issueKey);
  expect(await keys()).toEqual(["team:1", "forge:1", "team:2", "forge:2", "forge:3"]);
  expect(await keys(3)).toEqual(["team:1", "forge:1", "team:2"]);
  const slow = severalTrackers([
    { name: "team", load: async () => ({ ...world().team.tracker, pollMs: 75_000 }) },
    { name: "forge", load: async () => world().forge.tracker },
  ]);
  await slow.getIssue("3", project);
  expect(slow.pollMs).toBe(75_000);
});
