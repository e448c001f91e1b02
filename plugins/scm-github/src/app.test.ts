import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it, onTestFinished } from "vitest";
import plugin from "./index.ts";
import { pass, passing } from "./testing/watched.ts";

const MINUTE_MS = 60_000;

async function withApp() {
  const clock = fakeClock();
  const github = await GitHub.start({ now: clock.now });
  onTestFinished(() => github.stop());
  const shop = await github.addRepo("acme/shop", { collaborators: { ann: "admin", wes: "write" } });
  const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "one.txt": "one\n" } });
  pass(shop, { sha, branch: "feat/1" });
  const pull = await shop.openPull({ by: "wes", title: "One", head: "feat/1" });
  const permissions = { contents: "write", pull_requests: "write", checks: "read", statuses: "read" } as const;
  const { app, privateKey } = github.app("robot", { permissions: { ...permissions, metadata: "read" } });
  const { id: installationId } = github.install(app, { account: "acme" });
  const project = projectConfig({ repo: "acme/shop", scm: { plugin: "github", options: {} } });
  const scmWith = (key: string): SCM => {
    const privateKeyFile = join(tempDir(), "robot.pem");
    writeFileSync(privateKeyFile, key);
    const access = { app: { id: app.id, installationId, privateKeyFile }, baseUrl: github.baseUrl };
    return plugin.create(access, pluginContext({ project, clock }));
  };
  const info = {
    number: pull.number,
    url: "",
    title: "One",
    branch: "feat/1",
    baseBranch: "main",
    owner: "acme",
    repo: "shop",
    isDraft: false,
  };
  const asked = () => github.requests.filter(({ path }) => path.endsWith("/access_tokens")).length;
  return { clock, github, shop, pull, info, privateKey, scmWith, asked };
}

it("reads and reviews as the bot of an app, with a new token before each hour is over", async () => {
  const { clock, github, pull, info, privateKey, scmWith, asked } = await withApp();
  const scm = scmWith(privateKey);
  const state = () => passing({ github, clock }, scm.getPRState(info));
  expect(await state()).toBe("open");
  await passing({ github, clock }, scm.submitReview?.(info, { state: "approved", body: "Fine." }) ?? Promise.reject());
  expect(pull.pull.reviews.map(({ author, state: verdict }) => [author.login, verdict])).toEqual([
    ["robot[bot]", "APPROVED"],
  ]);
  expect(asked()).toBe(1);
  for (let hour = 0; hour < 3; hour += 1) {
    await clock.advance(58 * MINUTE_MS);
    expect(await state()).toBe("open");
  }
  expect(asked()).toBe(4);
  expect(github.requests.filter(({ status }) => status === 401)).toEqual([]);
});

it("says that GitHub does not know the key, and which options to look at", async () => {
  const { github, clock, info, scmWith } = await withApp();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const scm = scmWith(privateKey.export({ type: "pkcs1", format: "pem" }).toString());
  await expect(passing({ github, clock }, scm.getPRState(info))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(/^GitHub refused the app \d+: /),
    hint: "Check `app.id`, `app.installationId` and the private key in the config.",
  });
  const nothing = scmWith("no key");
  await expect(passing({ github, clock }, nothing.getPRState(info))).rejects.toMatchObject({ code: "CONFIG" });
});
