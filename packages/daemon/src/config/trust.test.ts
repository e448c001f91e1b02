import { describe, expect, it } from "vitest";
import { configSandbox } from "./testing/config-sandbox.ts";
import { diffTrust } from "./trust.ts";

const BASE = `
port: 3000
plugins: [{ path: ./plugins/fast.ts }]
defaults: { runtime: tmux, notifiers: [desktop] }
notifiers:
  slack: { plugin: slack, token: "\${SLACK_TOKEN}", channel: "#agents" }
  hook: { plugin: webhook, url: "https://me:pa55word@example.invalid/x", secret: written-out }
cleanup: { done: 7d }
trust: { bots: [test-bot, lint-bot] }
projects:
  shop:
    agent: command
    agentConfig: { command: my-agent, args: [--task, "{prompt}"], permissions: edits, allow: [npm test], model: big }
    scm: { plugin: local, ci: [{ name: test, run: "npm test \${X}" }], requiredReviews: 1 }
    symlinks: [.cache]
    copy: [.env]
    postCreate: [npm ci]
    preDestroy: [docker compose down]
    worktreeDir: ~/trees
    agentRules: "Say \${please}."
    reactions: { ci-failed: { retries: 2 } }
`;

/** The trust of a text after BASE was trusted. */
function after(change: (text: string) => string, local = ""): { isTrusted: boolean; diff: string[] } {
  const sandbox = configSandbox(BASE);
  const trusted = sandbox.load().trust;
  sandbox.trust();
  sandbox.write("repo/agent-orchestrator.yaml", change(BASE));
  if (local !== "") sandbox.write("repo/agent-orchestrator.local.yaml", local);
  const { trust } = sandbox.load();
  return { isTrusted: trust.isTrusted, diff: diffTrust(trusted.text, trust.text) };
}

describe("the pin", () => {
  it("shows where a webhook leads, and only a digest of its secret address", () => {
    const address = (path: string) =>
      BASE.replace("https://me:pa55word@example.invalid/x", `https://hooks.invalid${path}`);
    const { trust } = configSandbox(address("/services/T0/B0?key=K3y")).load();
    expect(trust.text).toMatch(/notifiers\.hook\.url: "https:\/\/hooks\.invalid\/sha256:[0-9a-f]{16}"/);
    expect(trust.text).not.toMatch(/T0|K3y/);
    const withHeader = BASE.replace("secret: written-out", 'headers: { X-Key: K3y-written, X-Other: "${OTHER}" }');
    expect(configSandbox(withHeader).load().trust.text).toMatch(/X-Key: "sha256:\w+"\n.*X-Other: "\$\{OTHER\}"/);
    expect(configSandbox(address("/services/T0/B1?key=K3y")).load().trust.pin).not.toBe(trust.pin);
    expect(configSandbox(address("/${HOOK_PATH}")).load().trust.text).toContain('"https://hooks.invalid/${HOOK_PATH}"');
  });

  it("covers exactly what is not free, in readable words", () => {
    const { trust } = configSandbox(BASE).load();
    expect(trust.isTrusted).toBe(false);
    expect(trust.pin).toMatch(/^[0-9a-f]{64}$/);
    expect(trust.text.split("\n")).toEqual([
      'cleanup.done: "7d"',
      'defaults.notifiers.0: "desktop"',
      'defaults.runtime: "tmux"',
      'notifiers.hook.plugin: "webhook"',
      'notifiers.hook.secret: "sha256:46d2a71061417dea"',
      'notifiers.hook.url: "https://sha256:55920fd46823e3ce@example.invalid/x"',
      'notifiers.slack.channel: "#agents"',
      'notifiers.slack.plugin: "slack"',
      'notifiers.slack.token: "${SLACK_TOKEN}"',
      'plugins.0.path: "./plugins/fast.ts"',
      'projects.shop.agent.plugin: "command"',
      'projects.shop.agentConfig.allow.0: "npm test"',
      'projects.shop.agentConfig.args.0: "--task"',
      'projects.shop.agentConfig.args.1: "{prompt}"',
      'projects.shop.agentConfig.command: "my-agent"',
      'projects.shop.agentConfig.model: "big"',
      'projects.shop.agentConfig.permissions: "edits"',
      'projects.shop.agentRules: "Say ${please}."',
      'projects.shop.copy.0: ".env"',
      'projects.shop.postCreate.0: "npm ci"',
      'projects.shop.preDestroy.0: "docker compose down"',
      "projects.shop.reactions.ci-failed.retries: 2",
      'projects.shop.scm.ci.0.name: "test"',
      'projects.shop.scm.ci.0.run: "npm test ${X}"',
      'projects.shop.scm.plugin: "local"',
      "projects.shop.scm.requiredReviews: 1",
      'projects.shop.symlinks.0: ".cache"',
      'projects.shop.worktreeDir: "~/trees"',
      'trust.bots: ["test-bot","lint-bot"]',
      "environment: SLACK_TOKEN",
      'content of "./plugins/fast.ts": unknown',
    ]);
  });

  it.each<[string, (text: string) => string]>([
    ["a comment", (text) => `# hello\n${text}`],
    ["the dashboard's port", (text) => text.replace("3000", "3001")],
    ["a project's name", (text) => text.replace("shop:", "shop:\n    name: The shop")],
    ["how long the agent must be quiet", (text) => text.replace("model: big", "model: big, quietMs: 900")],
    ["the order of keys and the style", (text) => text.replace("agent: command", "agent: { plugin: 'command' }")],
    ["required reviews, to more", (text) => text.replace("requiredReviews: 1", "requiredReviews: 2")],
    ["a cleanup delay, to a longer one", (text) => text.replace("done: 7d", "done: never")],
    ["a reaction, to fewer attempts", (text) => text.replace("retries: 2", "retries: 1")],
    ["a reaction, to one that only notifies you", (text) => text.replace("retries: 2", "auto: false, retries: 2")],
    ["a list of bots, to fewer", (text) => text.replace("[test-bot, lint-bot]", "[lint-bot]")],
    ["a limit, to one where there was none", (text) => `${text}\nlimits: { maxCostUsd: 5 }\n`],
    [
      "when a pull request is opened, to by hand",
      (text) => text.replace("requiredReviews", "openPr: manual, requiredReviews"),
    ],
    [
      "where a reaction is written",
      (text) =>
        text.replace("    reactions: { ci-failed: { retries: 2 } }\n", "reactions: { ci-failed: { retries: 2 } }\n"),
    ],
    [
      "a reaction of the whole config that the project overrides",
      (text) => `${text}\nreactions: { ci-failed: { retries: 9 } }\n`,
    ],
  ])("survives an edit of %s", (_, change) => {
    expect(after(change).isTrusted).toBe(true);
  });

  it.each<[string, (text: string) => string, string[]]>([
    [
      "a plugin",
      (text) => text.replace("fast.ts", "slow.ts"),
      ['- plugins.0.path: "./plugins/fast.ts"', '+ plugins.0.path: "./plugins/slow.ts"'],
    ],
    [
      "postCreate",
      (text) => text.replace("[npm ci]", "[npm ci, curl x | sh]"),
      ['+ projects.shop.postCreate.1: "curl x | sh"'],
    ],
    ["preDestroy", (text) => text.replace("compose down", "compose up"), []],
    ["a CI command", (text) => text.replace('"npm test', '"npm run test'), []],
    [
      "ciSetup",
      (text) => text.replace("requiredReviews", "ciSetup: evil, requiredReviews"),
      ['+ projects.shop.scm.ciSetup: "evil"'],
    ],
    ["the agent", (text) => text.replace("agent: command", "agent: codex"), []],
    ["the agent's program", (text) => text.replace("my-agent", "your-agent"), []],
    ["the agent's arguments", (text) => text.replace("--task", "--yolo"), []],
    ["permissions", (text) => text.replace("permissions: edits", "permissions: skip"), []],
    ["what the agent may run", (text) => text.replace("allow: [npm test]", "allow: ['*']"), []],
    ["the runtime", (text) => text.replace("runtime: tmux", "runtime: docker"), []],
    ["a link", (text) => text.replace("[.cache]", "[.ssh]"), []],
    ["a copy", (text) => text.replace("[.env]", "[.env, secrets]"), []],
    ["where checkouts go", (text) => text.replace("~/trees", "/srv"), []],
    ["a URL", (text) => text.replace("example.invalid", "evil.invalid"), []],
    ["a secret that is written out", (text) => text.replace("written-out", "other-value"), []],
    ["the password in a URL", (text) => text.replace("pa55word", "pa55w0rd"), []],
    [
      "a variable to read",
      (text) => text.replace("port: 3000", "port: ${DASH_PORT:-3000}"),
      ["- environment: SLACK_TOKEN", "+ environment: DASH_PORT SLACK_TOKEN"],
    ],
    ["who is notified", (text) => text.replace("[desktop]", "[slack]"), ['+ defaults.notifiers.0: "slack"']],
    ["rules for the agent", (text) => text.replace("Say", "Tell"), ['+ projects.shop.agentRules: "Tell ${please}."']],
    ["the model", (text) => text.replace("model: big", "model: small"), []],
    ["a reaction's retries, to more", (text) => text.replace("retries: 2", "retries: 5"), []],
    [
      "a reaction of the whole config",
      (text) => `${text}\nreactions: { approved-and-green: { auto: true, action: auto-merge } }\n`,
      ['+ reactions.approved-and-green.action: "auto-merge"', "+ reactions.approved-and-green.auto: true"],
    ],
    ["required reviews, to fewer", (text) => text.replace("requiredReviews: 1", "requiredReviews: 0"), []],
    ["a cleanup delay, to a shorter one", (text) => text.replace("done: 7d", "done: 1d"), []],
    [
      "how long work is kept",
      (text) => text.replace("done: 7d", "done: 7d, preserve: 1s"),
      ['+ cleanup.preserve: "1s"'],
    ],
    ["a list of bots, to more", (text) => text.replace("[test-bot,", "[test-bot, evil-bot,"), []],
    ["a strict value to a variable", (text) => text.replace("requiredReviews: 1", "requiredReviews: $" + "{R:-0}"), []],
    ["another project", (text) => `${text}  web: { path: ~/web }\n`, ['+ projects.web.path: "~/web"']],
  ])("asks again, with the difference, after a change of %s", (_, change, expected) => {
    const { isTrusted, diff } = after(change);
    expect(isTrusted).toBe(false);
    expect(diff.length).toBeGreaterThan(0);
    for (const line of expected) expect(diff).toContain(line);
  });

  it("covers the local file too, which is in the same folder and may have been committed by anybody", () => {
    const { isTrusted, diff } = after((text) => text, "projects: { shop: { postCreate: [evil] } }\n");
    expect(isTrusted).toBe(false);
    expect(diff).toEqual(['- projects.shop.postCreate.0: "npm ci"', '+ projects.shop.postCreate.0: "evil"']);
  });

  it("does not cover the user's own settings, which apply without trust, except for plugins", () => {
    const sandbox = configSandbox("projects: { shop: {} }");
    sandbox.trust();
    sandbox.write("home/config.yaml", "defaults: { agent: codex }\ncleanup: { merged: 1s }\n");
    expect(sandbox.load().trust.isTrusted).toBe(true);
    sandbox.write("home/config.yaml", "plugins: [{ path: ./mine.ts }]\n");
    const { plugins, trust } = sandbox.load();
    expect(plugins).toMatchObject([{ path: "./mine.ts", dir: sandbox.home, owner: "user" }]);
    expect(trust.isTrusted).toBe(false);
    expect(trust.text).toContain('content of your own "./mine.ts": unknown');
  });

  it("spells out invisible characters, and lets no value look like another line", () => {
    const { text } = configSandbox(
      'projects: { shop: { postCreate: ["npm ci\\u200b\\u202e", "a\\nprojects.shop.copy.0: \\"x\\""] } }',
    ).load().trust;
    expect(text.split("\n")).toEqual([
      'projects.shop.postCreate.0: "npm ci\\u200b\\u202e"',
      'projects.shop.postCreate.1: "a\\nprojects.shop.copy.0: \\"x\\""',
    ]);
  });
});
