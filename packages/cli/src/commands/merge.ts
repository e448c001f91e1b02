import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { sessionText, stateText } from "../output/session-text.ts";

export const spec: CommandSpec = {
  name: "merge",
  group: "finish",
  position: 20,
  summary: "Merge a session's pull request",
  args: "<session>",
  complete: "session",
  details: "Merges exactly the commit that was checked. Asks first, unless you say --yes.",
  options: [
    { flags: "--method <method>", text: "how to merge", complete: ["merge", "squash", "rebase"], isClosed: true },
  ],
  examples: [
    ["ao merge app-1", "asks first"],
    ["ao merge app-1 --method squash --yes", "in a script"],
  ],
};

export const run: Run = async (input, context) => {
  const [session = ""] = input.args;
  const method = input.text("method") as ParamsOf<"merge">["method"];
  const params = { session, ...(method === undefined ? {} : { method }) };
  const answer = await askConfirmed(context, { name: "merge", params }, { text: "merging" });
  if (answer === null) return saidNo(context);
  context.show(answer.data, () => text(answer.data), answer.meta);
  return 0;
};

/** Names the base, since a stacked pull request may not be merged into the default branch. */
function text(view: SessionView): string {
  if (view.pr?.state !== "merged") return sessionText(view);
  return `PR ${view.pr.number} is merged into ${oneLine(view.pr.baseBranch, 100)}; ${stateText(view)}\n`;
}
