import type { IssueUpdate } from "@agent-orchestrator/core/slots/tracker";
import { expect, it } from "vitest";
import { world } from "./testing/world.ts";

async function issueIn(state: string, options: Record<string, unknown> = {}) {
  const around = await world({ options });
  const { workspace, team, tracker, project } = around;
  const issue = workspace.addIssue(team, { title: "Total", state });
  const update = async (change: IssueUpdate) => tracker.updateIssue?.(issue.identifier, change, project);
  return { ...around, issue, update };
}
const PR = { url: "https://github.com/acme/shop/pull/7", title: "Fix the total" };

it("moves an issue through its team's states as the work goes on, and links the pull request once", async () => {
  const { issue, update } = await issueIn("Backlog");
  await update({ stage: "started" });
  await update({ stage: "review", pr: PR });
  await update({ stage: "started" });
  await update({ stage: "review", pr: PR });
  await update({ state: "closed", comment: "Merged." });
  await update({ stage: "review", pr: PR });
  await update({ stage: "started" });
  expect(issue.past).toEqual(["Backlog", "In Progress", "In Review", "Done"]);
  expect(issue.attachments).toMatchObject([PR]);
  expect(issue.comments.map(({ body }) => body)).toEqual(["Merged.\n\n*Written by ao.*"]);
});

it("leaves an issue where people have put it if that is further, or over", async () => {
  for (const state of ["In Review", "Done", "Canceled", "Duplicate"]) {
    const { issue, update } = await issueIn(state);
    await update({ stage: "started" });
    await update({ isClaimed: true });
    expect(issue.past).toEqual([state]);
  }
});

it("uses the states of the config, and says which one the team does not have", async () => {
  const { issue, update } = await issueIn("Todo", { states: { started: "In Review", done: "canceled" } });
  await update({ stage: "started" });
  expect(issue.state.name).toBe("In Review");
  await update({ state: "closed" });
  expect(issue.state.name).toBe("Canceled");
  const other = await issueIn("Todo", { states: { review: "Testing" } });
  await expect(other.update({ stage: "review" })).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringContaining('no state "Testing"'),
    hint: expect.stringContaining("In Progress, In Review"),
  });
});

it("claims an issue for the user, moves it, and takes nothing away when the claim ends", async () => {
  const { issue, update, wes } = await issueIn("Todo");
  await update({ isClaimed: true });
  expect([issue.assignee, issue.state.name]).toEqual([wes, "In Progress"]);
  await update({ isClaimed: false });
  expect([issue.assignee, issue.state.name]).toEqual([wes, "In Progress"]);
});

it("takes an issue from nobody, and knows whose the user's issues are if the key is an app's", async () => {
  const { workspace, team, tracker, project, open, issue, update, wes } = await issueIn("Todo");
  const sam = workspace.addUser("sam");
  issue.assignee = sam;
  await update({ isClaimed: true });
  expect(issue.assignee).toBe(sam);
  const app = workspace.addUser("Helper", { app: true });
  const accessToken = workspace.giveAccess(app, { kind: "oauth" });
  const ofApp = open({ apiKey: undefined, accessToken, user: "WES@acme.test" });
  const mine = workspace.addIssue(team, { title: "Mine", assignee: wes });
  const free = workspace.addIssue(team, { title: "Free" });
  const obstacles = async (id: string) => ofApp.findObstacles?.(await tracker.getIssue(id, project), project);
  expect(await obstacles(mine.identifier)).toEqual([]);
  expect(await obstacles(issue.identifier)).toEqual(["it is assigned to sam"]);
  await ofApp.updateIssue?.(free.identifier, { isClaimed: true }, project);
  expect(free.assignee).toBe(wes);
});

it("does only what is missing after an answer that was lost", async () => {
  const { linear, issue, update } = await issueIn("Todo");
  linear.fault({ kind: "lost-answer", match: ({ query }) => query.includes("mutation updateIssue"), times: 1 });
  await expect(update({ stage: "review", pr: PR })).rejects.toMatchObject({ code: "UNREACHABLE" });
  await update({ stage: "review", pr: PR });
  expect(issue.past).toEqual(["Todo", "In Review"]);
  expect(issue.attachments).toHaveLength(1);
});

it("sends no change twice by itself", async () => {
  const { linear, issue, update } = await issueIn("Todo");
  linear.fault({ kind: "lost-answer", match: ({ query }) => query.includes("mutation createComment") });
  await expect(update({ comment: "Done." })).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect(issue.comments).toHaveLength(1);
});

it("leaves out the link of a pull request that has no address", async () => {
  const { issue, update } = await issueIn("Todo");
  await update({ stage: "review", pr: { url: "", title: "Local" } });
  expect([issue.state.name, issue.attachments]).toEqual(["In Review", []]);
});
