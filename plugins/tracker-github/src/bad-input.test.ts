import { ERROR_CODES, isAoError } from "@agent-orchestrator/core/model/errors";
import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, it, onTestFinished } from "vitest";
import plugin from "./index.ts";

type Given = { repo: string; token: string };
/** What each kind of token is, beside those of no account. */
const TOKENS = {
  full: { scopes: ["repo"] },
  "public only": { scopes: ["public_repo"] },
  "no scopes": { scopes: [] },
  "fine, without issues": { permissions: { contents: "read" }, repositories: ["acme/shop", "acme/vault"] },
} as const;

/** Public `acme/shop` and `wes/tools`, private `acme/vault` and `zoe/secret`. Wes may write in all but the last. */
async function world() {
  const github = await GitHub.start();
  onTestFinished(() => github.stop());
  github.organization("acme");
  const shop = await github.addRepo("acme/shop", { files: {}, collaborators: { wes: "write" } });
  await github.addRepo("wes/tools", { files: {} });
  await github.addRepo("acme/vault", { files: {}, isPrivate: true, collaborators: { wes: "write" } });
  await github.addRepo("zoe/secret", { files: {}, isPrivate: true });
  shop.openIssue({ by: "wes", title: "Wrong total" });
  const ask = async ({ repo, token }: Given, what: (tracker: ReturnType<typeof plugin.create>) => Promise<unknown>) => {
    const project = projectConfig({ repo, tracker: { plugin: "github", options: {} } });
    const given =
      token in TOKENS ? github.token("wes", structuredClone(TOKENS[token as "full"]) as object).value : token;
    const access = token === "none" ? {} : { token: given };
    const context = { ...pluginContext({ project }), env: () => ({ PATH: "/nonexistent" }) };
    const tracker = plugin.create({ ...access, baseUrl: github.baseUrl }, context);
    const error = await what(tracker).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!isAoError(error)) return error;
    return `${ERROR_CODES[error.code].exit} ${error.message} | ${error.hint ?? ""}`;
  };
  return { github, ask, project: projectConfig({}) };
}

const get = (id: string) => (tracker: ReturnType<typeof plugin.create>) => tracker.getIssue(id, projectConfig({}));
const list = (tracker: ReturnType<typeof plugin.create>) =>
  tracker.listIssues?.({}, projectConfig({})) ?? Promise.reject(new Error("no list"));
const label = (tracker: ReturnType<typeof plugin.create>) =>
  tracker.updateIssue?.("1", { state: "in_progress" }, projectConfig({})) ?? Promise.reject(new Error("no update"));

it.each([
  ["a typo in the repository", "acme/shpo", "full", get("1"), /^66 .*no repository acme\/shpo.*mean acme\/shop\?/],
  ["a typo in the owner", "acm/shop", "full", get("1"), /^66 .*no repository acm\/shop.*mean acme\/shop\?/],
  ["a typo in one's own", "wes/tolos", "full", list, /^66 .*no repository wes\/tolos.*mean wes\/tools\?/],
  ["a typo in a private one", "acme/vualt", "full", list, /^66 .*mean acme\/vault\?/],
  ["a name that looks like none", "acme/billing", "full", get("1"), /^66 .*no repository acme\/billing.*Check `repo`/],
  ["somebody's private one", "zoe/secret", "full", get("1"), /^66 .*or the token may not read it/],
  ["no such issue", "acme/shop", "full", get("99"), /^66 there is no issue 99 in acme\/shop \| $/],
  ["no such issue elsewhere", "acme/shop", "full", get("wes/tools#9"), /^66 there is no issue 9 in wes\/tools/],
  ["an issue of an unknown repository", "acme/shop", "full", get("wes/tool#9"), /^66 .*mean wes\/tools\?/],
  ["no token", "acme/shop", "none", get("1"), /^69 there is no token for .*gh auth login.*export `GITHUB_TOKEN`/],
  [
    "a token that GitHub does not know",
    "acme/shop",
    "ghp_gone",
    get("1"),
    /^69 .*wrong, revoked or expired.*gh auth.*into `GITHUB_TOKEN` or the config/,
  ],
  ["a scope too few to read", "acme/vault", "public only", get("1"), /^69 .*acme\/vault.*`repo`.*It has: public_repo/],
  ["a scope too few to write", "acme/shop", "no scopes", label, /^69 .*may not write.*scopes: repo, public_repo/],
  ["a permission too few", "acme/vault", "fine, without issues", list, /^69 .*this permission: issues=read/],
] as const)("says of %s what it is", async (...[, repo, token, what, expected]) => {
  const { ask } = await world();
  expect(await ask({ repo, token }, what)).toMatch(expected);
});

it("looks for the nearest name with two requests for lists, and works without them", async () => {
  const { github, ask } = await world();
  const before = github.requests.length;
  await ask({ repo: "acme/shpo", token: "full" }, get("1"));
  expect(github.requests.slice(before).map(({ path }) => path)).toHaveLength(4);
  github.fault({ kind: "graphql-error", match: ({ path }) => path.includes("graphql") });
  expect(await ask({ repo: "acme/shpo", token: "full" }, get("1"))).toMatch(/^66 there is no repository acme\/shpo/);
});
