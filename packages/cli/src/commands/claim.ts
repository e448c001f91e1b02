import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "claim",
  group: "work",
  position: 105,
  summary: "Let a session take over an existing pull request",
  args: "<session> <pr>",
  complete: "session",
  details:
    "Its checkout goes over to the pull request's branch, and the agent is told what the pull request says and what is open on it. Earlier failures and comments are not sent again. Refused while a turn runs, with uncommitted changes, or if the session has an open pull request of its own. For a new session, see `ao spawn --pr`.",
  examples: [["ao claim app-1 17", "app-1 continues pull request 17"]],
};

export const run: Run = async (input, context) => {
  const [session = "", pr = ""] = input.args;
  const { data, meta } = await context.busy("claiming", (tell) =>
    context.ask("claim", { session, pr }, { onProgress: tell }),
  );
  const human = () => {
    const fork =
      data.pr?.fork == null ? "" : `  note: it comes from ${oneLine(data.pr.fork)}, so nothing can be pushed to it\n`;
    return `${data.id} has taken over PR ${data.pr?.number ?? oneLine(pr)}\n  branch ${oneLine(data.branch)}\n${fork}`;
  };
  context.show(data, human, meta);
  return 0;
};
