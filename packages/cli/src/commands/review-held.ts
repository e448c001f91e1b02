import type { HeldComment } from "@agent-orchestrator/core/model/session-view";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "review held",
  group: "finish",
  position: 12,
  summary: "List the comments that the agent has not been given",
  args: "<session>",
  complete: "session",
  details:
    "Only people with write access, and bots in `trust.bots`, cause a message to the agent. What others write waits for `ao review release`.",
  examples: [["ao review held app-1", "author, place, text, URL and id of each"]],
};

export const run: Run = async (input, context) => {
  const [session = ""] = input.args;
  const { data, meta } = await context.ask("review-held", { session });
  context.show(data, () => (data.length === 0 ? "No held comments.\n" : data.map(text).join("\n")), meta);
  return 0;
};

function text({ id, author, isBot, isRequest, path, line, url, body }: HeldComment): string {
  const place = path === null ? "in general" : line === null ? path : `${path}:${line}`;
  const who = `${oneLine(author, 60)}${isBot ? " (bot)" : ""}${isRequest ? " requests changes" : ""}`;
  const lines = cleanForTerminal(body)
    .trim()
    .split("\n")
    .map((each) => `  │ ${each}\n`);
  return `${oneLine(id, 200)}  ${who}, ${oneLine(place, 300)}\n${url === null ? "" : `  ${oneLine(url, 500)}\n`}${lines.join("")}`;
}
