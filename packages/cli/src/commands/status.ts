import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Input, Run } from "../command.ts";
import { jsonLine } from "../output/json.ts";
import { parseCount } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "status",
  aliases: ["ls", "ps"],
  group: "look",
  position: 10,
  summary: "Show all sessions, which of them need you, and what to do next",
  details:
    "In each group the most urgent session comes first, then the one that has waited longest. Sessions of one project stay together. " +
    "`waits` is how long a session has needed you, `for` is how long it has had its status. JSON has the same order.",
  args: "[project]",
  complete: "project",
  options: [
    { flags: "-w, --watch", text: "keep it on the screen, and ring when you are needed" },
    { flags: "-a, --all", text: "include sessions that are finished" },
    { flags: "--page <number>", text: "an earlier page of what was archived, 100 sessions each (implies --all)" },
    { flags: "--line", text: "print one short line for a prompt or tmux, without starting a daemon" },
  ],
  examples: [
    ["ao status", "all projects"],
    ["ao status my-app --watch", "one project, live; q quits"],
    ["ao status --json | jq '.data[].status'", "for scripts"],
    ["set -g status-right '#(ao status --line)'", "in tmux.conf"],
  ],
};

export const run: Run = async (input, context) => {
  if (input.flag("line")) {
    const { printLine } = await import("../output/prompt-line.ts");
    return await printLine(context, input.args[0]);
  }
  const params = paramsOf(input);
  if (input.flag("watch")) {
    const { watchStatus } = await import("../output/watch-status.ts");
    return await watchStatus(context, params);
  }
  const { io } = context;
  const isHere = !context.isJson && io.isOutTty;
  const { data, meta } = await context.ask("status", { ...params, ...(isHere ? { isHere } : {}) });
  if (context.isJson) {
    io.out(jsonLine(data, meta)); // the quick way: scripts and prompts ask often
    return 0;
  }
  const [{ statusLines }, { coloursFor }, { fold }] = await Promise.all([
    import("../output/status-text.ts"),
    import("../output/colour.ts"),
    import("../output/format.ts"),
  ]);
  if (meta.away) {
    const { awayText } = await import("../output/away-text.ts");
    io.out(`${fold(awayText(meta.away), io.columns())}\n`);
  }
  const look = { columns: io.columns(), nowMs: io.now(), colour: coloursFor(io) };
  io.out(`${statusLines({ sessions: data, meta, project: params.project }, look).join("\n")}\n`);
  return 0;
};

function paramsOf(input: Input): ParamsOf<"status"> {
  const project = input.args[0];
  const page = input.text("page");
  return {
    ...(project === undefined ? {} : { project }),
    ...(input.flag("all") || page !== undefined ? { all: true } : {}),
    ...(page === undefined ? {} : { page: Math.max(1, parseCount(page, "--page")) }),
  };
}
