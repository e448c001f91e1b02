import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { CallOptions, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "@agent-orchestrator/plugin-kit/github/client";
import { openGitHub } from "@agent-orchestrator/plugin-kit/github/open";
import { parseRepo, type RepoName } from "@agent-orchestrator/plugin-kit/github/options";
import { createPeople, type People } from "@agent-orchestrator/plugin-kit/github/people";
import type { ScmOptions } from "./options.ts";

/** What the methods of this plugin share. */
export interface Desk {
  github: GitHub;
  repo: RepoName;
  options: ScmOptions;
  context: PluginContext;
  project: ProjectConfig;
  people: People;
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
  const people = createPeople({ api: github, repo, clock: context.clock });
  let login: string | null = null;
  const me = async (call?: CallOptions): Promise<string> => {
    login ??= await viewer(github, call);
    return login;
  };
  return { github, repo, options, context, project, people, me };
}

async function viewer(github: GitHub, call?: CallOptions): Promise<string> {
  const answer = await github.graphql<{ viewer: { login: string } }>(
    "query { viewer { login } }",
    {},
    {
      what: "ask GitHub whose token this is",
      ...call,
    },
  );
  return answer.viewer.login;
}
