import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { GitHub, type RepoControl } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";
import plugin from "../index.ts";

export interface GitHubWorld {
  github: GitHub;
  shop: RepoControl;
  scm: SCM;
  context: PluginContext;
  /** The plugin as after a restart of the daemon. */
  again(): SCM;
  project: ProjectConfig;
  /** Wes's clone. */
  path: string;
  /** Commits to a branch of the clone, without pushing. Returns the new head. */
  commit(branch: string, files: Record<string, string>): Promise<string>;
  git(...args: string[]): Promise<string>;
}

const run = promisify(execFile);

/** `acme/shop` on a GitHub of our own. Ann owns it, Wes (whose token the plugin has) may write, Rob may only read. */
export async function gitHubWorld(options: Record<string, unknown> = {}): Promise<GitHubWorld> {
  const github = await GitHub.start();
  onTestFinished(() => github.stop());
  const shop = await github.addRepo("acme/shop", {
    collaborators: { ann: "admin", wes: "write", rob: "read" },
    files: { "README.md": "# shop\n", "cart.ts": "export const total = 1;\nexport const tax = 2;\n" },
  });
  const token = github.token("wes");
  const path = tempDir("ao-clone");
  const env = { PATH: process.env.PATH ?? "", HOME: path, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  // Not synchronously: the server that git talks to is in this process.
  const git = async (...args: string[]) => (await run("git", ["-C", path, ...args], { env })).stdout.trim();
  await git("clone", "-q", github.cloneUrl("acme/shop", token), ".");
  await git("config", "user.name", "Wes");
  await git("config", "user.email", "wes@example.com");
  const project = projectConfig({
    path,
    repo: "acme/shop",
    scm: { plugin: "github", options: {} },
    tracker: { plugin: "github", options: {} },
  });
  const seal = (text: string) => createHmac("sha256", "the daemon's key").update(text).digest("hex");
  const context = pluginContext({ project, seal });
  const again = () => plugin.create({ token: token.value, baseUrl: github.baseUrl, ...options }, context);
  return {
    github,
    shop,
    scm: again(),
    again,
    context,
    project,
    path,
    git,
    async commit(branch, files) {
      const exists = (await git("branch", "--list", branch)) !== "";
      await git("checkout", "-q", ...(exists ? [branch] : ["-b", branch, "origin/main"]));
      for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
      await git("add", "-A");
      await git("commit", "-qm", `change ${Object.keys(files).join(", ")}`);
      return git("rev-parse", "HEAD");
    },
  };
}
