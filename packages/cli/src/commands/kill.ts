import { AoError } from "@agent-orchestrator/core/model/errors";
import { isAboutRemoval } from "@agent-orchestrator/core/model/removal-notes";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { sessionTexts } from "../output/session-text.ts";

export const spec: CommandSpec = {
  name: "kill",
  group: "finish",
  position: 30,
  summary: "End a session's agent and all its processes",
  args: "<session...>",
  complete: "session",
  details: "The worktree, branch, pull request and conversation stay.",
  options: [
    { flags: "--rm", text: "also save the work, remove the worktree and archive the session" },
    { flags: "--drop-unreadable", text: "with --rm, lose files that cannot be read and so cannot be saved" },
  ],
  examples: [
    ["ao kill app-1", "`ao restore app-1` starts it again"],
    ["ao kill app-1 app-2 --rm", "also remove their worktrees"],
  ],
};

export const run: Run = async (input, context) => {
  const dropUnreadable = input.flag("drop-unreadable");
  if (dropUnreadable && !input.flag("rm")) throw new AoError("USAGE", "--drop-unreadable goes with --rm");
  const params = {
    sessions: input.args,
    ...(input.flag("rm") ? { remove: true } : {}),
    ...(dropUnreadable ? { dropUnreadable } : {}),
  };
  const answer = await askConfirmed(context, { name: "kill", params }, { text: "ending" });
  if (answer === null) return saidNo(context);
  const said = input.flag("rm") ? answer.data.flatMap(({ notes }) => notes.filter(isAboutRemoval)) : [];
  const human = () => sessionTexts(answer.data) + said.map((note) => `  ${oneLine(note, 500)}\n`).join("");
  context.show(answer.data, human, answer.meta);
  return 0;
};
