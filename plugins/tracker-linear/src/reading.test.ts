import { expect, it } from "vitest";
import { world } from "./testing/world.ts";

it("reads what Linear knows of an issue", async () => {
  const { workspace, team, tracker, project, wes } = await world();
  const parent = workspace.addIssue(team, { title: "Checkout" });
  const labels = [workspace.label("bug"), workspace.label("ui", team)];
  const given = { title: "Wrong total", assignee: wes, labels, priority: 2, estimate: 3, parent };
  const { identifier, id } = workspace.addIssue(team, given);
  const issue = await tracker.getIssue(identifier, project);
  expect(issue).toMatchObject({
    ...{ id: "INT-2", title: "Wrong total", description: "", state: "open", labels: ["bug", "ui"] },
    ...{ assignee: "wes", priority: 2, estimate: 3, parent: "INT-1", branchName: "wes/int-2-wrong-total" },
    url: "https://linear.app/acme/issue/INT-2",
  });
  for (const way of [id, "int-2", "https://linear.app/acme/issue/INT-2/an-old-title"]) {
    expect(await tracker.getIssue(way, project), way).toEqual(issue);
  }
});

it.each([
  ["Triage", "triage", "open"],
  ["Backlog", "backlog", "open"],
  ["Todo", "unstarted", "open"],
  ["In Progress", "started", "in_progress"],
  ["Done", "completed", "closed"],
  ["Canceled", "canceled", "cancelled"],
  ["Duplicate", "duplicate", "cancelled"],
] as const)("takes an issue in %s (%s) for %s", async (name, type, expected) => {
  const { workspace, tracker, project } = await world();
  const team = workspace.addTeam("OPS", [[name, type]]);
  workspace.addIssue(team, { title: "One", state: name });
  expect((await tracker.getIssue("OPS-1", project)).state).toBe(expected);
});

it("follows an issue to its new team, and finds none in the trash, in another workspace or in a team that the key does not see", async () => {
  const { workspace, team, tracker, project, wes, open } = await world();
  const ops = workspace.addTeam("OPS");
  const moved = workspace.addIssue(team, { title: "Moved" });
  workspace.moveTo(moved, ops);
  expect((await tracker.getIssue("INT-1", project)).id).toBe("OPS-1");
  expect(await tracker.isCompleted("INT-1", project)).toBe(false);
  workspace.move(moved, "Done");
  expect(await tracker.isCompleted("INT-1", project)).toBe(true);
  const trashed = Object.assign(workspace.addIssue(team, { title: "Trashed" }), { trashed: true });
  const blind = open({ apiKey: workspace.giveAccess(wes, { teams: ["INT"] }) });
  const reasons = await Promise.all(
    [
      tracker.getIssue(trashed.identifier, project),
      tracker.isCompleted(trashed.identifier, project),
      tracker.getIssue("https://linear.app/other/issue/OPS-1", project),
      blind.getIssue("OPS-1", project),
    ].map((asked) => asked.catch((error: { code: string; message: string }) => `${error.code} ${error.message}`)),
  );
  expect(reasons).toEqual([
    "NOT_FOUND issue INT-2 is in the trash of Linear",
    "NOT_FOUND issue INT-2 is in the trash of Linear",
    "NOT_FOUND OPS-1 is an issue of the workspace other, and the key is for acme",
    "NOT_FOUND there is no issue OPS-1 in Linear, or the key may not see it",
  ]);
});

it("reads what an issue waits for: open blockers of whichever team and open sub-issues, each once", async () => {
  const { workspace, team, tracker, project } = await world();
  const [issue, ours, done, related] = ["Total", "Rates", "Currency", "Colour"].map((title) =>
    workspace.addIssue(team, { title, state: title === "Currency" ? "Done" : "Todo" }),
  ) as [never, never, never, never];
  const theirs = workspace.addIssue(workspace.addTeam("OPS"), { title: "Tax" });
  for (const one of [ours, done, theirs]) workspace.relate(one, "blocks", issue);
  workspace.relate(related, "related", issue);
  workspace.relate(issue, "blocks", related);
  workspace.addIssue(team, { title: "Rounding", parent: issue });
  const blockers = await tracker.getBlockers?.(await tracker.getIssue("INT-1", project), project);
  expect(blockers?.map(({ id, title, state }) => [id, title, state]).sort()).toEqual([
    ["INT-2", "Rates", "open"],
    ["INT-5", "Rounding", "open"],
    ["OPS-1", "Tax", "open"],
  ]);
});

it("finds reasons not to begin: it is over, somebody else's, or another agent's", async () => {
  const { workspace, team, tracker, project, wes } = await world();
  const sam = workspace.addUser("sam");
  const cursor = workspace.addUser("Cursor", { app: true });
  const add = (given: object) => workspace.addIssue(team, { title: "One", ...given }).identifier;
  const obstacles = async (id: string) => tracker.findObstacles?.(await tracker.getIssue(id, project), project);
  expect(await obstacles(add({}))).toEqual([]);
  expect(await obstacles(add({ assignee: wes, state: "In Progress" }))).toEqual([]);
  expect(await obstacles(add({ assignee: sam }))).toEqual(["it is assigned to sam"]);
  expect(await obstacles(add({ state: "Done" }))).toEqual(["it is closed"]);
  expect(await obstacles(add({ state: "Duplicate", assignee: sam }))).toEqual([
    "it is cancelled",
    "it is assigned to sam",
  ]);
  const given = Object.assign(workspace.addIssue(team, { title: "Two" }), { delegate: cursor });
  expect(await obstacles(given.identifier)).toEqual(["it is delegated to Cursor"]);
});

it("lists by team, state, label, cycle and assignee, page by page, without other teams", async () => {
  const { linear, workspace, team, tracker, project, wes } = await world();
  const cycle = workspace.addCycle(team, { name: "Launch", isActive: true });
  const bug = workspace.label("bug");
  workspace.addIssue(workspace.addTeam("OPS"), { title: "Elsewhere", labels: [bug], assignee: wes, cycle });
  for (let n = 0; n < 120; n++) workspace.addIssue(team, { title: `Issue ${n}` });
  const one = workspace.addIssue(team, { title: "One", labels: [bug, workspace.label("ui")], assignee: wes, cycle });
  const two = workspace.addIssue(team, { title: "Two", labels: [bug], state: "Done" });
  const ids = async (filters: object) => ((await tracker.listIssues?.(filters, project)) ?? []).map(({ id }) => id);
  const before = linear.requests.length;
  expect(await ids({})).toHaveLength(121);
  expect(linear.requests.length - before).toBe(1 + 3);
  expect(await ids({ labels: ["BUG"] })).toEqual([one.identifier]);
  expect(await ids({ labels: ["bug", "ui"], state: "all" })).toEqual([one.identifier]);
  expect(await ids({ labels: ["bug"], state: "closed" })).toEqual([two.identifier]);
  expect(await ids({ assignee: "wes" })).toEqual([one.identifier]);
  for (const word of ["current", "1", "launch"]) expect(await ids({ cycle: word }), word).toEqual([one.identifier]);
  expect(await ids({ cycle: "next" })).toEqual([]);
  expect(await ids({ limit: 60 })).toHaveLength(60);
  expect(await ids({ state: "all" })).toHaveLength(122);
});
