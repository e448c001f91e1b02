import { LinearClient, RatelimitedLinearError } from "@linear/sdk";
import { expect, it, onTestFinished } from "vitest";
import { Linear, type LinearOptions } from "./linear.ts";

async function world(options: LinearOptions = {}) {
  const linear = await Linear.start(options);
  onTestFinished(() => linear.stop());
  const { workspace } = linear;
  const team = workspace.addTeam("INT");
  const wes = workspace.addUser("wes");
  const { apiUrl } = linear;
  const client = new LinearClient({ apiKey: workspace.giveAccess(wes), apiUrl });
  return { linear, workspace, team, wes, client, apiUrl };
}

it("serves the SDK's own client: reads, filters, pages and writes", async () => {
  const { workspace, team, wes, client } = await world();
  const bug = workspace.label("bug");
  for (const title of ["One", "Two", "Three"])
    workspace.addIssue(team, { title, by: wes, labels: title === "Two" ? [bug] : [] });
  const issue = await client.issue("INT-2");
  expect(issue).toMatchObject({ identifier: "INT-2", title: "Two", branchName: "wes/int-2-two" });
  expect((await issue.state)?.type).toBe("unstarted");
  expect((await client.viewer).name).toBe("wes");
  const found = await client.issues({
    filter: { team: { key: { eq: "INT" } }, labels: { some: { name: { eq: "bug" } } } },
  });
  expect(found.nodes.map(({ identifier }) => identifier)).toEqual(["INT-2"]);
  const first = await client.issues({ first: 2 });
  const rest = await client.issues({ first: 2, after: first.pageInfo.endCursor ?? null });
  expect([...first.nodes, ...rest.nodes].map(({ title }) => title)).toEqual(["Three", "Two", "One"]);
  const done = workspace.state(team, "Done");
  await client.updateIssue(issue.id, { stateId: done.id });
  await client.createComment({ issueId: issue.id, body: "Fixed." });
  await client.attachmentLinkURL("INT-2", "https://github.com/acme/shop/pull/3", { title: "Fix" });
  const made = await (await client.createIssue({ teamId: team.id, title: "Four" })).issue;
  expect(made?.identifier).toBe("INT-4");
  expect(workspace.issues[1]).toMatchObject({ past: ["Todo", "Done"], comments: [{ body: "Fixed." }] });
});

it("refuses a bad key, a missing scope, an unknown issue and a query that is too complex, as Linear does", async () => {
  const { workspace, team, wes, apiUrl, client } = await world();
  const issue = workspace.addIssue(team, { title: "One" });
  const reading = workspace.giveAccess(wes, { kind: "oauth", scopes: ["read"] });
  const reader = new LinearClient({ accessToken: reading, apiUrl });
  await expect(new LinearClient({ apiKey: "lin_api_wrong", apiUrl }).viewer).rejects.toMatchObject({
    type: "AuthenticationError",
    status: 401,
  });
  await expect(new LinearClient({ apiKey: reading, apiUrl }).viewer).rejects.toMatchObject({
    type: "AuthenticationError",
  });
  expect((await reader.issue("INT-1")).id).toBe(issue.id);
  await expect(reader.updateIssue("INT-1", { title: "Two" })).rejects.toMatchObject({ type: "Forbidden" });
  await expect(client.issue("INT-9")).rejects.toMatchObject({
    type: "InvalidInput",
    message: expect.stringContaining("Entity not found: Issue"),
  });
  const deep = "{ issues(first: 250) { nodes { children { nodes { id title } } } } }";
  await expect(client.client.rawRequest(deep)).rejects.toMatchObject({
    message: expect.stringContaining("too complex"),
  });
});

it("counts requests and complexity down, gives them back at a constant rate, and refuses beyond them", async () => {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const { client, linear } = await world({ now: () => now, limits: { requests: 3 } });
  const { headers } = await client.client.rawRequest<unknown, Record<string, never>>("{ viewer { id name } }");
  expect(headers?.get("x-ratelimit-requests-remaining")).toBe("2");
  expect(headers?.get("x-complexity")).toBe("2");
  await client.viewer;
  await client.viewer;
  const error = await client.viewer.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RatelimitedLinearError);
  expect(error).toMatchObject({ status: 400, requestsRemaining: 0, requestsResetAt: now + 3_600_000 });
  now += 20 * 60_000;
  await client.viewer;
  expect(linear.requests.map(({ status }) => status)).toEqual([200, 200, 200, 400, 200]);
});

it("leads from an issue's former identifier to what it is now", async () => {
  const { workspace, team, client } = await world();
  const issue = workspace.addIssue(team, { title: "One" });
  workspace.moveTo(issue, workspace.addTeam("OPS"));
  expect((await client.issue("INT-1")).identifier).toBe("OPS-1");
});
