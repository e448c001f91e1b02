import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ResultOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Run } from "../command.ts";
import { type Colours, coloursFor } from "../output/colour.ts";
import { localTime } from "../output/format.ts";
import { parseCount } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "notify log",
  group: "set-up",
  position: 111,
  summary: "Show which notifications arrived where, which did not, and which wait",
  options: [{ flags: "-n, --limit <count>", text: "number of lines from the end (50)" }],
  examples: [["ao notify log", "the newest is last"]],
};

export const run: Run = async (input, context) => {
  const limit = input.text("limit");
  const params = limit === undefined ? {} : { limit: parseCount(limit, "--limit") };
  const { data, meta } = await context.ask("notify-log", params);
  const colour = coloursFor(context.io);
  const human = () =>
    data.length === 0
      ? "No notification yet. Those of `ao notify test` are not in this log.\n"
      : data.map((row) => rowText(row, colour)).join("");
  context.show(data, human, meta);
  return 0;
};

type Row = ResultOf<"notify-log">[number];

const SIGN: Record<Row["outcome"], string> = { delivered: "✓", failed: "✗", waiting: "…", acted: "→" };

function rowText({ at, channel, outcome, text }: Row, colour: Colours): string {
  const paint = outcome === "failed" ? colour.red : outcome === "waiting" ? colour.yellow : String;
  const words = outcome === "waiting" ? `${channel}: waits: ${text}` : text;
  return `${colour.dim(localTime(at))}  ${paint(SIGN[outcome])} ${oneLine(words, 300)}\n`;
}
