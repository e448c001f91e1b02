import { oneLine } from "@agent-orchestrator/core/host/text";
import type { Run } from "../command.ts";
import { readStdin } from "../output/stdin.ts";

export const run: Run = async (input, context) => {
  const given = { title: input.text("title"), body: input.text("body"), session: input.text("session") };
  const body = given.body === "-" ? await readStdin(context.io) : given.body;
  const params = {
    ...(given.title === undefined ? {} : { title: given.title }),
    ...(body === undefined ? {} : { body }),
    ...(given.session === undefined ? {} : { session: given.session }),
  };
  const { data, meta } = await context.ask("pr-create", params);
  const human = () => `PR ${data.number} ${oneLine(data.url)}${data.isNew ? "" : " (already open)"}\n`;
  context.show(data, human, meta);
  return 0;
};
