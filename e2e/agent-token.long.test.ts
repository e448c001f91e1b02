import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { startOnGitHub } from "./support/github.ts";

/** What an agent finds in its environment, of a shell that has the user's token and the one that the config names. */
async function variablesOf(agentToken: string): Promise<string> {
  const { box, shop, github, token, close } = await startOnGitHub({
    runtime: "process",
    agentArgs: ["--idle"],
    token: '"${SHOP_TOKEN}"',
    scm: agentToken,
  });
  onTestFinished(({ task }) => close(task.result?.state === "fail"));
  shop.openIssue({ by: "ann", title: "Wrong total" });
  const env = { SHOP_TOKEN: token, GITHUB_TOKEN: "the-user's-own", GH_ENTERPRISE_TOKEN: "the-user's-other" };
  const ao = (...args: string[]) => box.aoWith({ env }, ...args);
  expect(await ao("trust", "--yes")).toMatchObject({ status: 0 });
  // The tracker uses the token that is written in `scm`.
  expect(await ao("spawn", "app", "1")).toMatchObject({ status: 0, stderr: "" });
  const found = join(box.dir, "found");
  await box.asAgent("app-1", `env > ${found}`);
  const text = readFileSync(found, "utf8");
  return text.replaceAll(token, "TOKEN").replaceAll(new URL(github.baseUrl).host, "HOST");
}

const variables = (text: string) => text.split("\n").filter((line) => /^(SHOP_TOKEN|GH_|GITHUB_)/.test(line));

it("keeps every token of the forge from an agent", async () => {
  const text = await variablesOf("");
  expect([variables(text), /TOKEN=|user's/.test(text)]).toEqual([[], false]);
}, 60_000);

it("gives an agent the token that ao uses, and no other, with `agentToken: true`", async () => {
  const text = await variablesOf(", agentToken: true");
  expect(variables(text).sort()).toEqual([
    "GH_ENTERPRISE_TOKEN=TOKEN",
    "GH_HOST=HOST",
    "GITHUB_ENTERPRISE_TOKEN=TOKEN",
  ]);
  expect(text).not.toMatch(/user's/);
}, 60_000);

it("takes up a token that you export later, and another one after that, and keeps both from agents and files", async () => {
  const { box, shop, github, token, close } = await startOnGitHub({
    runtime: "process",
    agentArgs: ["--idle"],
    token: null,
  });
  onTestFinished(({ task }) => close(task.result?.state === "fail"));
  shop.openIssue({ by: "ann", title: "Wrong total" });
  const ao = (given: string | null, ...args: string[]) =>
    box.aoWith({ env: given === null ? {} : { GITHUB_TOKEN: given } }, ...args);
  const without = await ao(null, "spawn", "app", "1");
  expect([without.status, without.stderr]).toEqual([69, expect.stringMatching(/no token[\s\S]*export `GITHUB_TOKEN`/)]);
  expect(await ao(token, "spawn", "app", "1", "--dry-run")).toMatchObject({ status: 0, stderr: "" });
  for (const one of github.world.tokens.values()) if (one.value === token) one.isRevoked = true;
  const revoked = await ao(null, "spawn", "app", "1", "--dry-run");
  expect([revoked.status, revoked.stderr]).toEqual([69, expect.stringMatching(/revoked[\s\S]*into `GITHUB_TOKEN`/)]);
  const next = github.token("wes").value;
  expect(await ao(next, "kill", "app-9")).toMatchObject({ status: 66 });
  expect(await ao(null, "spawn", "app", "1")).toMatchObject({ status: 0, stderr: "" });
  const found = join(box.dir, "found");
  await box.asAgent("app-1", `env > ${found}`);
  expect(readFileSync(found, "utf8")).not.toMatch(new RegExp(`${token}|${next}`));
  // The first one is in the URL of the remote.
  expect(spawnSync("grep", ["-rlF", next, box.home], { encoding: "utf8" })).toMatchObject({ status: 1, stdout: "" });
}, 60_000);

it("starts a session after a crash for which the next command brings no token", async () => {
  const { box, shop, token, close } = await startOnGitHub({
    runtime: "process",
    agentArgs: ["--idle"],
    token: null,
  });
  onTestFinished(({ task }) => close(task.result?.state === "fail"));
  shop.openIssue({ by: "ann", title: "Wrong total", body: "It is off by one." });
  // See packages/core/src/host/failpoint.ts.
  const failpoint = join(box.dir, "failpoint");
  writeFileSync(failpoint, "start.before-workspace");
  await box.ask("stop", {});
  await box.start({ AO_FAILPOINT_FILE: failpoint });
  box.repo.env.GITHUB_TOKEN = token;
  await box.ask("spawn", { words: ["app", "1"] }).catch(() => undefined); // The daemon dies.
  await box.died();
  delete box.repo.env.GITHUB_TOKEN;
  expect(await box.ao("status")).toMatchObject({ status: 0 });
  const status = async () => (await box.get("show", { session: "app-1" })).status;
  await waitFor(async () => ["working", "errored"].includes(await status()), { timeoutMs: 30_000, what: "the start" });
  expect(await status()).toBe("working");
  expect((await box.ao("show", "app-1", "--prompt")).stdout).toMatch(/Wrong total[\s\S]*It is off by one\./);
}, 60_000);
