import { oneLine } from "@agent-orchestrator/core/host/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";
import { parseDuration } from "../parse/duration.ts";

export const run: Run = async (input, context) => {
  const session = input.args[0] ?? "";
  const until = (input.text("until") ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (until.length === 0) {
    throw new AoError("USAGE", "no status given", {
      hint: `For example, \`ao wait ${session} --until mergeable,merged\`.`,
    });
  }
  const timeout = input.text("timeout");
  const params = {
    session,
    until,
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
  const { data, meta } = await context.busy(`waiting for ${oneLine(until.join(" or "))}`, (tell) =>
    context.ask("wait", params, { onProgress: tell }),
  );
  context.show(data, () => sessionText(data), meta);
  return 0;
};
