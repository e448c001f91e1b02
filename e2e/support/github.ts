import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { RepoControl } from "@agent-orchestrator/testkit/github/github";
import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

const run = promisify(execFile);

export interface GitHubBox {
  github: GitHub;
  shop: RepoControl;
  box: Sandbox;
  /** In the project's repository. Not synchronous: the server is in this process. */
  git(...args: string[]): Promise<string>;
  /** The head of a branch on GitHub. Empty if there is none. */
  pushed(branch: string): Promise<string>;
  /** What the agents were sent. */
  messages(): string[];
  close(isFailed: boolean): Promise<void>;
}

/** A project on a GitHub of our own: Ann owns it, Wes works here with his token, Rob is a stranger. `scm` and `tracker`: more of their options. */
export async function startOnGitHub(
  options: SandboxOptions & { scm?: string; tracker?: string } = {},
): Promise<GitHubBox> {
  const github = await GitHub.start();
  const shop = await github.addRepo("acme/shop", {
    files: {},
    collaborators: { ann: "admin", wes: "write", rob: "read" },
  });
  const token = github.token("wes");
  const access = `token: ${token.value}, baseUrl: "${github.baseUrl}"`;
  const box = new Sandbox({
    ...options,
    project: `    repo: acme/shop\n    tracker: { plugin: github${options.tracker ?? ""} }\n    scm: { plugin: github, ${access}${options.scm ?? ""} }`,
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
