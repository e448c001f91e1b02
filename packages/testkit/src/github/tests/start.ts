import { graphql } from "@octokit/graphql";
import { Octokit } from "@octokit/rest";
import { expect, onTestFinished } from "vitest";
import { GitHub, type GitHubOptions, type RepoControl } from "../github.ts";
import type { Token } from "../model/accounts.ts";
import { answerProblems } from "../openapi.ts";

export interface Scene {
  github: GitHub;
  shop: RepoControl;
  /** Ann owns `acme`'s repository, Wes may write, Rob may only read. */
  ann: Octokit;
  wes: Octokit;
  rob: Octokit;
  tokens: { ann: Token; wes: Token; rob: Token };
  query: typeof graphql;
}

const quiet = () => undefined;

export function withAuth(github: Pick<GitHub, "baseUrl">, auth: string): Octokit {
  return new Octokit({ baseUrl: github.baseUrl, auth, log: { debug: quiet, info: quiet, warn: quiet, error: quiet } });
}

export const client = (github: GitHub, token: Token): Octokit => withAuth(github, token.value);

/** A GitHub that ends with the running test, and fails it if any REST answer was not what the official description says. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const found: string[] = [];
  const github = await GitHub.start({
    ...options,
    onAnswer: (request, answer) => void found.push(...answerProblems(request, answer)),
  });
  onTestFinished(async () => {
    await github.stop();
    expect(found).toEqual([]);
  });
  return github;
}

export async function startScene(options: GitHubOptions = {}): Promise<Scene> {
  const github = await startGitHub(options);
  github.organization("acme", { members: ["ann"] });
  const shop = await github.addRepo("acme/shop", {
    collaborators: { ann: "admin", wes: "write", rob: "read" },
    files: {
      "README.md": "# shop\n",
      "src/cart.ts": "export const total = 1;\nexport const tax = 2;\nexport const sum = 3;\n",
    },
  });
  const tokens = { ann: github.token("ann"), wes: github.token("wes"), rob: github.token("rob") };
  const query = graphql.defaults({
    baseUrl: `${github.url}/api`,
    headers: { authorization: `token ${tokens.wes.value}` },
  });
  return {
    github,
    shop,
    ann: client(github, tokens.ann),
    wes: client(github, tokens.wes),
    rob: client(github, tokens.rob),
    tokens,
    query,
  };
}

/** A branch with one change, and its pull request. */
export async function openChange(
  { shop }: Scene,
  {
    by = "wes",
    branch = "feat",
    body = "",
    draft = false,
  }: { by?: string; branch?: string; body?: string; draft?: boolean } = {},
) {
  await shop.pushCommit(branch, {
    by,
    files: { "src/cart.ts": "export const total = 10;\nexport const tax = 2;\nexport const sum = 3;\n" },
    message: "Change the total",
  });
  return shop.openPull({ by, title: "Change the total", body, head: branch, draft });
}
