import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { CallOptions, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "@agent-orchestrator/plugin-kit/github/client";
import { openAccounts } from "@agent-orchestrator/plugin-kit/github/open";
import { parseRepo, type RepoName } from "@agent-orchestrator/plugin-kit/github/options";
import { createPeople, type People } from "@agent-orchestrator/plugin-kit/github/people";
import { viewer } from "@agent-orchestrator/plugin-kit/github/viewer";
import type { ScmOptions } from "./options.ts";
import { openVerdicts, type Verdicts } from "./verdicts.ts";

/** What the methods of this plugin share. */
export interface Desk {
  github: GitHub;
  /** As who pull requests and comments are written: the account in `identity`, else the same. */
  writer: GitHub;
  repo: RepoName;
  options: ScmOptions;
  context: PluginContext;
  project: ProjectConfig;
  people: People;
  verdicts: Verdicts;
  /** The login that requests are made as. */
  me(options?: CallOptions): Promise<string>;
  writerLogin(options?: CallOptions): Promise<string>;
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
  const { reader: github, writer } = openAccounts(options, context, options.identity);
  const writers = createPeople({ api: github, repo, clock: context.clock });
  const verdicts = openVerdicts(context);
  const me = loginOf(github);
  const writerLogin = writer === github ? me : loginOf(writer);
  /**
   * Those with write access, and the user, who may have none in somebody else's repository. Not the account that `ao` and its agents
   * write with, unless the user has no other.
   */
  const people: People = {
    async mayWrite(author, association, call) {
      const isUser = author?.__typename === "User" && author.login === (await me(call));
      if (isUser) return true;
      const mayWrite = await writers.mayWrite(author, association, call);
      return mayWrite && (writer === github || author?.login !== (await writerLogin(call)));
    },
  };
  return { github, writer, repo, options, context, project, people, verdicts, me, writerLogin };
}

/** The login of a client's token. Asked for once, and again for another token. */
function loginOf(github: GitHub): (call?: CallOptions) => Promise<string> {
  let known: { token: string; login: string } | null = null;
  return async (call) => {
    const token = await github.token(call);
    if (known?.token !== token) known = { token, login: await viewer(github, call) };
    return known.login;
  };
}
