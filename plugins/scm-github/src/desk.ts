import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { CallOptions, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "@agent-orchestrator/plugin-kit/github/client";
import { openGitHub } from "@agent-orchestrator/plugin-kit/github/open";
import { parseRepo, type RepoName } from "@agent-orchestrator/plugin-kit/github/options";
import { createPeople, type People } from "@agent-orchestrator/plugin-kit/github/people";
import { viewer } from "@agent-orchestrator/plugin-kit/github/viewer";
import type { ScmOptions } from "./options.ts";
import { openVerdicts, type Verdicts } from "./verdicts.ts";

/** What the methods of this plugin share. */
export interface Desk {
  github: GitHub;
  repo: RepoName;
  options: ScmOptions;
  context: PluginContext;
  project: ProjectConfig;
  people: People;
  verdicts: Verdicts;
  /** The login that requests are made as. */
  me(options?: CallOptions): Promise<string>;
}

export function createDesk(options: ScmOptions, context: PluginContext): Desk {
  const { project } = context;
  if (project === undefined) throw new AoError("CONFIG", "scm `github` needs a project");
  const repo = parseRepo(project.repo);
  if (repo === null) {
    throw new AoError("CONFIG", `projects.${project.id}.repo must be \`owner/name\` for scm \`github\``, {
      hint: "`ao init` finds it from the remote.",
    });
  }
  const github = openGitHub(options, context);
  const writers = createPeople({ api: github, repo, clock: context.clock });
  const verdicts = openVerdicts(context);
  let login: string | null = null;
  const me = async (call?: CallOptions): Promise<string> => {
    login ??= await viewer(github, call);
    return login;
  };
  /** Those with write access, and the user, who may have none in somebody else's repository. */
  const people: People = {
    mayWrite: async (author, association, call) =>
      (await writers.mayWrite(author, association, call)) ||
      (author?.__typename === "User" && author.login === (await me(call))),
  };
  return { github, repo, options, context, project, people, verdicts, me };
}
