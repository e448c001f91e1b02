import { oneLine } from "@agent-orchestrator/core/host/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { isAboutRemoval } from "@agent-orchestrator/core/model/removal-notes";
import type { Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { sessionTexts } from "../output/session-text.ts";

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
