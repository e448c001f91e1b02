import type { Run } from "../command.ts";
import { stopDaemon } from "./stop.ts";

export const run: Run = async (_input, context) => {
  await stopDaemon(context, { sessions: false });
  const { data, meta } = await context.ask("ping", {});
  context.show(data, () => `the daemon is running (pid ${data.pid}, ${data.build})\n`, meta);
  return 0;
};
