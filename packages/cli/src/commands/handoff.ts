import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Context, Input, Run } from "../command.ts";
import { readStdin } from "../output/stdin.ts";
import { whileStarting } from "../output/while-starting.ts";

export const spec: CommandSpec = {
  name: "handoff",
  group: "work",
  position: 100,
  summary: "Hand a session off to another agent",
  args: "<session>",
  complete: "session",
  details:
    "The worktree, branch and pull request stay the same. `ao` checks that the new agent can start, then stops the current one. The new agent is told the task, the changes so far, and the end of the old conversation. A session that has ended can be handed off as well.",
  options: [
    { flags: "--agent <name>", text: "new agent, or a variant from `agents:`", complete: "agent" },
    { flags: "--model <name>", text: "model of the new agent" },
    { flags: "-m, --message <text>", text: "what the new agent should know, or - to read it from stdin" },
  ],
  examples: [
    ["ao handoff app-1 --agent codex", "when the current agent has reached its limit"],
    ['ao handoff app-1 --agent cheap -m "only the tests are missing"', "to a variant, with a note"],
  ],
};

export const run: Run = async (input, context) => {
  const params = await paramsOf(input, context);
  const { data, meta } = await whileStarting(context, { text: "handing off", session: params.session }, (tell) =>
    context.ask("handoff", params, { onProgress: tell }),
  );
  context.show(data, () => handoffText(data), meta);
  return 0;
};

async function paramsOf(input: Input, { io }: Context) {
  const [session = ""] = input.args;
  const agent = input.text("agent");
  const model = input.text("model");
  if (agent === undefined && model === undefined) {
    throw new AoError("USAGE", "no agent or model given", {
      hint: "Name the new agent with --agent, or the new model with --model.",
    });
  }
  const message = input.text("message");
  const words = message === "-" ? await readStdin(io) : message;
  return {
    session,
    ...(agent === undefined ? {} : { agent }),
    ...(model === undefined ? {} : { model }),
    ...(words === undefined ? {} : { words }),
  };
}

function handoffText(view: SessionView): string {
  const agent = oneLine(view.agent, 60);
  if (view.status === "queued")
    return `${view.id} will be handed off to ${agent}: ${oneLine(view.queuedFor ?? "the session is queued")}\n`;
  return `${view.id} now runs ${agent} on ${oneLine(view.branch)}\n  watch it: ao attach ${view.id}\n`;
}
