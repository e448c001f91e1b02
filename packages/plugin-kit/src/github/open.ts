import { join } from "node:path";
import type { ScmIdentity } from "@agent-orchestrator/core/model/config-plugin";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { createHttp } from "../http/client.ts";
import { createGitHub, type GitHub } from "./client.ts";
import { type CredentialsOptions, createCredentials } from "./credentials.ts";
import { type AccessOptions, accessOf, PUBLIC_API } from "./options.ts";

type Opening = Pick<CredentialsOptions, "fallback">;

/** GitHub as a plugin of a project reaches it: with the tracker's or the scm's own options, or those of the project's scm. */
function openGitHub(own: AccessOptions, context: PluginContext, { fallback }: Opening = {}): GitHub {
  const { token, baseUrl, app } = own;
  const access = accessOf(
    { ...(token && { token }), ...(baseUrl && { baseUrl }), ...(app && { app }) },
    context.project,
  );
  const root = access.baseUrl ?? PUBLIC_API;
  const held = new Set<string>();
  const http = createHttp({
    name: "GitHub",
    clock: context.clock,
    log: context.log,
    env: () => context.env(),
    origins: [root],
    secrets: () => [...held],
    store: { dir: join(context.stateDir, "answers"), ...(context.seal && { seal: context.seal }) },
    isSafe: ({ url, body }) => url.pathname.endsWith("/graphql") && isQuery(body),
    resourceOf: ({ url }) => (url.pathname.endsWith("/graphql") ? "graphql" : "core"),
  });
  const credentials = createCredentials({
    access,
    clock: context.clock,
    fetch: http.fetch as typeof fetch,
    env: () => context.env(),
    tokens: () => context.tokens?.() ?? {},
    ...(fallback === undefined ? {} : { fallback }),
    onToken: (found) => held.add(found),
  });
  return createGitHub({ credentials, http, baseUrl: root, userAgent: "agent-orchestrator" });
}

/** The same, and as who comments and pull requests are written: another account, or the same client. The first falls back on it. */
export function openAccounts(
  own: AccessOptions,
  context: PluginContext,
  identity: ScmIdentity | undefined,
): { reader: GitHub; writer: GitHub } {
  if (identity === undefined) {
    const both = openGitHub(own, context);
    return { reader: both, writer: both };
  }
  const reader = openGitHub(own, context, { fallback: { ...identity, source: "identity" } });
  const { baseUrl } = own;
  return { reader, writer: openGitHub({ ...identity, ...(baseUrl && { baseUrl }) }, context) };
}

/** A query may be sent twice, a mutation not. */
function isQuery(body: string | null): boolean {
  try {
    const { query } = JSON.parse(body ?? "{}") as { query?: unknown };
    return typeof query === "string" && !/^\s*mutation\b/.test(query);
  } catch {
    return false; // Not what Octokit sends.
  }
}
