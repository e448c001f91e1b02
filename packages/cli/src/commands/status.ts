import type { ParamsOf } from "@agent-orchestrator/core/protocol/requests";
import type { Input, Run } from "../command.ts";
import { jsonLine } from "../output/json.ts";

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
  const { data, meta } = await context.ask("status", params);
  const { io } = context;
  if (context.isJson) {
    io.out(jsonLine(data, meta)); // the quick way: scripts and prompts ask often
    return 0;
  }
  const [{ statusLines }, { coloursFor }] = await Promise.all([
    import("../output/status-text.ts"),
    import("../output/colour.ts"),
  ]);
  const look = { columns: io.columns(), nowMs: io.now(), colour: coloursFor(io) };
  io.out(`${statusLines({ sessions: data, meta, project: params.project }, look).join("\n")}\n`);
  return 0;
};

function paramsOf(input: Input): ParamsOf<"status"> {
  const project = input.args[0];
  return { ...(project === undefined ? {} : { project }), ...(input.flag("all") ? { all: true } : {}) };
}
