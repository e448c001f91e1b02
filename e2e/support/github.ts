import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import type { RepoControl } from "@agent-orchestrator/testkit/github/github";
import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

const run = promisify(execFile);

export interface GitHubBox {
  github: GitHub;
  shop: RepoControl;
  box: Sandbox;
  /** Wes's. */
  token: string;
  /** In the project's repository. Not synchronous: the server is in this process. */
  git(...args: string[]): Promise<string>;
  /** The head of a branch on GitHub. Empty if there is none. */
  pushed(branch: string): Promise<string>;
  /** What the agents were sent. */
  messages(): string[];
  close(isFailed: boolean): Promise<void>;
}

/**
 * A project on a GitHub of our own: Ann owns it, Wes works here with his token, Rob is a stranger. `scm` and `tracker`: more of their options.
 * `token`: how the config names Wes's; null: it names none. `identity`: the login of an account with write access that `ao` writes with.
 */
export async function startOnGitHub(
  options: SandboxOptions & { scm?: string; tracker?: string; token?: string | null; identity?: string } = {},
): Promise<GitHubBox> {
  const { identity } = options;
  const github = await GitHub.start();
  const shop = await github.addRepo("acme/shop", {
    files: {},
    collaborators: {
      ann: "admin",
      wes: "write",
      rob: "read",
      ...(identity === undefined ? {} : { [identity]: "write" }),
    },
  });
  const other = identity === undefined ? "" : `, identity: { token: ${github.token(identity).value} }`;
  const token = github.token("wes");
  const given = options.token === null ? "" : `token: ${options.token ?? token.value}, `;
  const access = `${given}baseUrl: "${github.baseUrl}"`;
  const box = new Sandbox({
    ...options,
    project: `    repo: acme/shop\n    tracker: { plugin: github${options.tracker ?? ""} }\n    scm: { plugin: github, ${access}${other}${options.scm ?? ""} }`,
  });
  const git = async (...args: string[]) =>
    (await run("git", ["-C", box.repo.path, ...args], { env: box.env })).stdout.trim();
  await git("remote", "add", "origin", github.cloneUrl("acme/shop", token));
  await git("push", "-q", "origin", "main");
  await box.ao("trust");
  return {
    github,
    shop,
    box,
    token: token.value,
    git,
    pushed: async (branch) => (await git("ls-remote", "origin", branch)).split("\t")[0] ?? "",
    messages: () => box.agentEvents().flatMap(({ event, text }) => (event === "message" && text ? [text] : [])),
    async close(isFailed) {
      if (isFailed) process.stderr.write(await box.diagnose());
      await box.close();
      await github.stop();
    },
  };
}

export const SECRET = "it's a secret";

/** The same, with a daemon that listens for webhooks. GitHub's are posted to it only after `connect`. */
export async function startWithWebhooks(options: Parameters<typeof startOnGitHub>[0] = {}) {
  const port = await freePort();
  const scm = `, openPr: turn-end, webhook: { path: /github, secret: "${SECRET}", port: ${port} }${options.scm ?? ""}`;
  const world = await startOnGitHub({ ...options, scm });
  const url = `http://127.0.0.1:${port}/github`;
  const answers = async () =>
    fetch(url).then(
      ({ status }) => status === 405,
      () => false,
    );
  await waitFor(answers, { timeoutMs: 30_000, what: "the receiver" });
  return { ...world, url, connect: () => world.shop.hook({ url, secret: SECRET }) };
}
