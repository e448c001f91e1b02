import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";
import { readStdin } from "../output/stdin.ts";

export const spec: CommandSpec = {
  name: "pr create",
  group: "agents",
  position: 10,
  summary: "Open the pull request of a session, or print the one it already has",
  details: "Without --session it is the session that the command runs in.",
  options: [
    { flags: "-t, --title <text>", text: "title of the pull request" },
    { flags: "-b, --body <text>", text: "description of the pull request, or - to read it from stdin" },
    { flags: "--session <session>", text: "use this session instead", complete: "session" },
    { flags: "--force-with-lease", text: "push a rebased branch over the head that was pushed last; only you may" },
  ],
  examples: [['ao pr create --title "Fix the login"', "inside a session"]],
};

export const run: Run = async (input, context) => {
  const given = { title: input.text("title"), body: input.text("body"), session: input.text("session") };
  const body = given.body === "-" ? await readStdin(context.io) : given.body;
  const params = {
    ...(given.title === undefined ? {} : { title: given.title }),
    ...(body === undefined ? {} : { body }),
    ...(given.session === undefined ? {} : { session: given.session }),
    ...(input.flag("force-with-lease") ? { forceWithLease: true } : {}),
  };
  const { data, meta } = await context.ask("pr-create", params);
  const human = () => `PR ${data.number} ${oneLine(data.url)}${data.isNew ? "" : " (already open)"}\n`;
  context.show(data, human, meta);
  return 0;
};
