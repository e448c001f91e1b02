import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions, Clock, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "@agent-orchestrator/plugin-kit/github/client";
import { openAccounts } from "@agent-orchestrator/plugin-kit/github/open";
import { accessOf, identityOf, parseRepo, type RepoName, webUrl } from "@agent-orchestrator/plugin-kit/github/options";
import { createPeople, type People } from "@agent-orchestrator/plugin-kit/github/people";
import type { Options } from "./options.ts";

/** What the methods of this plugin share. */
export interface Desk {
  github: GitHub;
  /** As who comments are written: the account in the scm's `identity`, else the same. */
  writer: GitHub;
  /** Where the issues are. */
  repo: RepoName;
  people: People;
  options: Options;
  clock: Clock;
  /** `https://github.com`, or the address of the Enterprise server. */
  web: string;
}

export function createDesk(options: Options, context: PluginContext): Desk {
  const repo = parseRepo(options.repo ?? context.project?.repo);
  if (repo === null) {
    throw new AoError("CONFIG", "tracker `github` needs `repo: owner/name`, in the project or of its own", {
      hint: "`ao init` finds it from the remote.",
    });
  }
  const { reader: github, writer } = openAccounts(options, context, identityOf(context.project));
  const people = createPeople({ api: github, repo, clock: context.clock });
  const { baseUrl } = accessOf(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }, context.project);
  return { github, writer, repo, people, options, clock: context.clock, web: webUrl(baseUrl) };
}

/** Which repository and which request, as Octokit takes it. */
export const target = (repo: RepoName, { signal }: CallOptions = {}) => ({
  owner: repo.owner,
  repo: repo.name,
  ...(signal === undefined ? {} : { request: { signal } }),
});
