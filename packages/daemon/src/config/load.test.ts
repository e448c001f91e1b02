import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { describe, expect, it } from "vitest";
import { policyFor, projectOf } from "./resolve.ts";
import { configSandbox, trustedSandbox } from "./testing/config-sandbox.ts";

function thrown(run: () => unknown): { code: string; message: string; hint: string | undefined } {
  try {
    run();
  } catch (error) {
    if (isAoError(error)) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The example in the product's contract, unchanged. */
const WHOLE = `
port: 3000
readyThresholdMs: 300000
limits: { maxConcurrentSessions: 10 }
defaults: { runtime: tmux, agent: claude-code, workspace: worktree, terminal: web, notifiers: [desktop] }
plugins: [ { path: ./plugins/my-runtime.ts } ]
trust: { authors: write, bots: [] }
cleanup: { merged: 1h, done: 7d, closed: 7d, killed: 14d, errored: 14d, preserve: 30d }
projects:
  my-app:
    repo: owner/my-app
    path: ~/repo
    defaultBranch: main
    sessionPrefix: app
    runtime: tmux
    agent: codex
    agentConfig: { model: big, permissions: edits, allow: [pnpm test, git commit] }
    tracker: { plugin: linear, teamId: TEAM, apiKey: \${LINEAR_API_KEY} }
    scm: { plugin: local, ci: [{name: test, run: npm test, timeout: 10m}], ciSetup: npm ci, requiredReviews: 1, openPr: manual, mergeMethod: squash }
    symlinks: [.cache]
    copy: [.env*]
    postCreate: [pnpm install]
    postCreateTimeout: 15m
    preDestroy: [docker compose down]
    ports: 10
    cwd: packages/app
    sparse: [packages/app]
    worktreeDir: ~/trees
    branch: "feat/{issue}"
    agentRules: Be kind.
    agentRulesFile: docs/rules.md
    reactions: { approved-and-green: { auto: true, action: auto-merge } }
notifiers: { slack: { plugin: slack, token: \${SLACK_BOT_TOKEN}, channel: "#agents" } }
notificationRouting: { urgent: [desktop, slack], action: [desktop] }
reactions: { ci-failed: { retries: 3 } }
`;

describe("a whole config", () => {
  it("is read with every key in its place, and variables of plugins not yet filled in", () => {
    const sandbox = trustedSandbox(WHOLE);
    const config = sandbox.load();
    expect(config.warnings).toEqual([]);
    expect(config.trust.isTrusted).toBe(true);
    expect(config.projects[0]).toEqual({
      id: "my-app",
      instanceId: config.id,
      name: "my-app",
      repo: "owner/my-app",
      path: sandbox.repo,
      defaultBranch: "main",
      sessionPrefix: "app",
      maxConcurrentSessions: null,
      runtime: { plugin: "tmux", options: {} },
      agent: { plugin: "codex", options: {} },
      workspace: { plugin: "worktree", options: {} },
      tracker: { plugin: "linear", options: { teamId: "TEAM", apiKey: "${LINEAR_API_KEY}" } },
      scm: {
        plugin: "local",
        options: {
          ci: [{ name: "test", run: "npm test", timeout: "10m" }],
          ciSetup: "npm ci",
          requiredReviews: 1,
          openPr: "manual",
          mergeMethod: "squash",
        },
      },
      terminal: { plugin: "web", options: {} },
      agentConfig: { model: "big", permissions: "edits", allow: ["pnpm test", "git commit"] },
      agents: {},
      agentRules: "Be kind.",
      agentRulesFile: "docs/rules.md",
      symlinks: [".cache"],
      copy: [".env*"],
      postCreate: ["pnpm install"],
      postCreateTimeoutMs: 900_000,
      preDestroy: ["docker compose down"],
      ports: 10,
      cwd: "packages/app",
      sparse: ["packages/app"],
      worktreeDir: join(sandbox.dir, "trees"),
      branch: "feat/{issue}",
      mergeMethod: "squash",
    });
    expect(config.notifiers).toEqual({
      slack: { plugin: "slack", options: { token: "${SLACK_BOT_TOKEN}", channel: "#agents" } },
      desktop: { plugin: "desktop", options: {} },
    });
    expect(config.routing).toEqual({ urgent: ["desktop", "slack"], action: ["desktop"], warning: [], info: [] });
    const policy = policyFor(config, "my-app");
    expect(policy.reactions["ci-failed"]).toMatchObject({ action: "send-to-agent", retries: 3 });
    expect(policy.reactions["approved-and-green"]).toMatchObject({ auto: true, action: "auto-merge" });
    expect(policy).toMatchObject({ openPr: "manual", mergeMethod: "squash", ciNoneAfterMs: 300_000 });
  });

  it("has a default for everything: an empty project is the repository around the config", () => {
    const sandbox = trustedSandbox("projects:\n  shop:\n");
    const config = sandbox.load();
    expect(config).toMatchObject({ port: 3000, limits: { maxConcurrentSessions: 10 }, preserveMs: 30 * 86_400_000 });
    expect(config.routing).toEqual({ urgent: ["desktop"], action: ["desktop"], warning: [], info: [] });
    expect(config.projects[0]).toMatchObject({
      id: "shop",
      path: sandbox.repo,
      sessionPrefix: "shop",
      agent: { plugin: "claude-code" },
      tracker: { plugin: "local" },
      scm: { plugin: "local" },
    });
    expect(policyFor(config, "shop").cleanupMs).toEqual({
      merged: 3_600_000,
      done: 604_800_000,
      closed: 604_800_000,
      killed: 1_209_600_000,
      errored: 1_209_600_000,
    });
  });

  it("uses GitHub for a project with `repo`, and the command agent for one that names a program", () => {
    const config = trustedSandbox("projects: { shop: { repo: me/shop, agentConfig: { command: my-agent } } }").load();
    expect(config.projects[0]).toMatchObject({
      tracker: { plugin: "github" },
      scm: { plugin: "github" },
      agent: { plugin: "command" },
    });
  });
});

describe("problems that affect only some uses of a config", () => {
  it("keeps the other projects usable if the folder of one is missing or not a repository", () => {
    const sandbox = trustedSandbox("projects: { shop: {}, gone: { path: ~/gone }, plain: { path: ~/plain } }");
    mkdirSync(join(sandbox.dir, "plain"));
    const config = sandbox.load();
    expect(projectOf(config, "shop").path).toBe(sandbox.repo);
    expect(thrown(() => projectOf(config, "gone"))).toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining("no folder"),
    });
    const plain = thrown(() => projectOf(config, "plain"));
    expect(plain).toMatchObject({ code: "CONFIG", message: expect.stringContaining("is not a git repository") });
    expect(thrown(() => projectOf(config, "shpo"))).toMatchObject({
      code: "NOT_FOUND",
      message: "there is no project `shpo`; did you mean `shop`?",
    });
  });

  it("treats an unset variable as an error of the project that needs it, and as a warning elsewhere", () => {
    const sandbox = trustedSandbox(
      "port: ${DASH_PORT}\nprojects:\n  shop: {}\n  api:\n    path: ${API_DIR}\n  web:\n    path: ${WEB_DIR:-~/web}\n",
    );
    repoAt(join(sandbox.dir, "web"));
    const config = sandbox.load();
    expect(thrown(() => projectOf(config, "api"))).toMatchObject({
      code: "CONFIG",
      message: "projects.api.path: the environment variable API_DIR is not set",
    });
    expect(projectOf(config, "web").path).toBe(join(sandbox.dir, "web"));
    expect(config.port).toBe(3000);
    expect(config.warnings.map((warning) => warning.message)).toEqual([
      "the environment variable DASH_PORT is not set; the default is used",
    ]);
    expect(sandbox.load({ env: { DASH_PORT: "4000" } }).port).toBe(4000);
  });

  it("warns about keys that have no effect", () => {
    const sandbox = trustedSandbox("terminalPort: 3001\ndirectTerminalPort: 3003\nprojects: { shop: {} }\n");
    expect(sandbox.load().warnings.map(({ line, path }) => [line, path])).toEqual([
      [1, "terminalPort"],
      [2, "directTerminalPort"],
    ]);
  });

  it("refuses two projects whose session prefixes differ at most in case, and names both", () => {
    const sandbox = configSandbox("projects:\n  my-app: {}\n  more-api: {}\n");
    expect(thrown(() => sandbox.load()).message).toBe(
      "agent-orchestrator.yaml:3: projects.more-api.sessionPrefix: the projects `my-app` and `more-api` have the same session prefix `ma`; set `projects.more-api.sessionPrefix` to another",
    );
    sandbox.write(
      "repo/agent-orchestrator.yaml",
      "projects: { one: { sessionPrefix: Ab }, two: { sessionPrefix: aB } }",
    );
    expect(thrown(() => sandbox.load()).message).toContain("`one` and `two`");
    sandbox.write(
      "repo/agent-orchestrator.yaml",
      "projects: { Shop: { sessionPrefix: a }, shop: { sessionPrefix: b } }",
    );
    expect(thrown(() => sandbox.load()).message).toContain("differ only in letter case");
  });

  it("reads an untrusted config without filling in anything", () => {
    const sandbox = configSandbox("port: ${PORT}\nprojects: { shop: {}, api: { path: '${API_DIR}' } }");
    const config = sandbox.load({ env: { PORT: "4000", API_DIR: sandbox.repo } });
    expect(config.trust.isTrusted).toBe(false);
    expect(config.port).toBe(3000);
    expect(thrown(() => projectOf(config, "api")).code).toBe("UNTRUSTED");
    expect(projectOf(config, "shop").path).toBe(sandbox.repo);
  });
});
