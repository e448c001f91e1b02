import { rmSync } from "node:fs";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { LeftSession } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Context, Run } from "../command.ts";
import { loginUnit } from "../output/at-login.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { isCheckout, PACKAGE } from "../output/installation.ts";
import { leftTexts } from "../output/left-text.ts";
import { stopDaemon } from "./stop.ts";

export const spec: CommandSpec = {
  name: "uninstall",
  group: "set-up",
  position: 130,
  summary: "End everything and remove ao from all repositories",
  details:
    "Lists what is not merged and asks. Then it ends the agents, saves their work, removes checkouts and worktree records, stops the daemon, and says what is left to delete. Branches stay.",
  examples: [["ao uninstall", "list everything and ask first"]],
};

export const run: Run = async (_input, context) => {
  const answer = await askConfirmed(context, { name: "uninstall", params: {} }, { text: "uninstalling" });
  if (answer === null) return saidNo(context);
  await stopDaemon({ ...context, isYes: true }, { sessions: true });
  const unit = loginUnit(context);
  rmSync(unit, { force: true });
  context.show(answer.data, () => text(context, answer.data.sessions), answer.meta);
  return 0;
};

function text({ home }: Context, sessions: readonly LeftSession[]): string {
  const kept = sessions.some(({ keptIn }) => keptIn !== null);
  const lines = [
    "The agents and the daemon have stopped. No repository has a worktree or a lock of `ao` any more. Branches stay.",
    ...(sessions.length === 0 ? [] : [leftTexts(sessions).trimEnd()]),
    "You can now delete:",
    `  rm -rf ${quoted(oneLine(home, 500))}${kept ? "   # contains the saved work" : ""}`,
    isCheckout()
      ? "  the `ao` link that `npm run setup` named, and your clone of this repository"
      : `  the program: npm uninstall --global ${PACKAGE}`,
  ];
  return `${lines.join("\n")}\n`;
}

const quoted = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
