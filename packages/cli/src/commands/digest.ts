import type { CommandSpec, Run } from "../command.ts";
import { momentOf } from "../parse/moment.ts";

export const spec: CommandSpec = {
  name: "digest",
  group: "look",
  position: 15,
  summary: "Sum up what happened since a time, what it cost, and what waits for you",
  options: [{ flags: "--since <time>", text: "a duration such as 8h, a time such as 18:00, or a date (8h)" }],
  examples: [
    ["ao digest", "the last eight hours"],
    ["ao digest --since 18:00", "since yesterday evening"],
    ["ao digest --since 2026-01-31 --json", "for scripts"],
  ],
};

export const run: Run = async (input, context) => {
  const { io } = context;
  const sinceMs = momentOf(input.text("since") ?? "8h", { nowMs: io.now(), side: "past", name: "--since" });
  const since = new Date(sinceMs).toISOString();
  const { data, meta } = await context.busy("reading the log", () => context.ask("digest", { since }));
  const { digestText } = await import("../output/digest-text.ts");
  context.show(data, () => digestText(data, Math.min(io.columns(), 80)), meta);
  return 0;
};
