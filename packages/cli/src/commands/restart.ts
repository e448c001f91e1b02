import type { CommandSpec, Run } from "../command.ts";
import { stopDaemon } from "./stop.ts";

export const spec: CommandSpec = {
  name: "restart",
  group: "set-up",
  position: 30,
  summary: "Restart the daemon and leave the agents running",
  examples: [["ao restart", "after its environment has changed"]],
};

export const run: Run = async (_input, context) => {
  await stopDaemon(context, { sessions: false });
  const { data, meta } = await context.ask("ping", {});
  context.show(data, () => `the daemon is running (pid ${data.pid}, ${data.build})\n`, meta);
  return 0;
};
