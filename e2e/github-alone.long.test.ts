import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { startOnGitHub } from "./support/github.ts";

const soon = { timeoutMs: 120_000 };

it("lets one person alone review what their own token opened, from the request for changes to the merge", async () => {
  const { box, shop, git, pushed, messages, close } = await startOnGitHub({ scm: ", openPr: turn-end" });
  onTestFinished(({ task }) => close(task.result?.state === "fail"));
  const issue = shop.openIssue({ by: "wes", title: "Wrong total", body: "It is off by one." });
  const spawned = await box.ao("spawn", "app", String(issue.number));
  expect([spawned.status, spawned.stderr]).toEqual([0, ""]);
  await waitFor(async () => (await box.get("show", { session: "app-1" })).pr !== null, {
    ...soon,
    what: "the pull request",
  });
  const number = (await box.get("show", { session: "app-1" })).pr?.number ?? 0;
  expect(shop.pull(number).author.login).toBe("wes");
  const first = await pushed("feat/1");

  const asked = await box.ao(
    "review",
    "app-1",
    "--request-changes",
    "-m",
    "Nearly.",
    "--at",
    "work.txt:1=And the tax?",
  );
  expect([asked.status, asked.stderr]).toEqual([0, ""]);
  await waitFor(() => messages().some((text) => text.includes("And the tax?")), { ...soon, what: "the review" });
  expect(messages().join("\n")).toMatch(
    /wes asked for changes[\s\S]*Nearly\.[\s\S]*work\.txt:1, wes[\s\S]*And the tax\?/,
  );

  await waitFor(async () => (await pushed("feat/1")) !== first, { ...soon, what: "the fix" });
  const fixed = await pushed("feat/1");
  await waitFor(async () => (await box.get("show", { session: "app-1" })).pr?.headSha === fixed, {
    ...soon,
    what: "the new head",
  });
  const early = await box.ao("merge", "app-1", "--yes");
  expect(early.status).not.toBe(0);
  expect(early.stderr).toMatch(/changes were requested/);
  expect(messages()).toHaveLength(1); // The push did not make it a new request.

  const approved = await box.ao("review", "app-1", "--approve");
  expect([approved.status, approved.stderr]).toEqual([0, ""]);
  const ready = await box.ao("wait", "app-1", "--until", "mergeable", "--timeout", "120s");
  expect([ready.status, ready.stderr]).toEqual([0, ""]);
  const merged = await box.ao("merge", "app-1", "--yes");
  expect([merged.status, merged.stderr]).toEqual([0, ""]);
  expect(shop.pull(number).state).toBe("closed");
  await git("fetch", "-q", "origin");
  expect(await git("merge-base", "--is-ancestor", fixed, "origin/main")).toBe("");
  expect(shop.pull(number).comments).toHaveLength(2);
  expect(messages()).toHaveLength(1); // What ao wrote on GitHub did not come back.
}, 480_000);
