import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Run } from "../command.ts";
import { clockTime } from "../output/format.ts";
import { momentOf } from "../parse/moment.ts";

export const spec: CommandSpec = {
  name: "snooze",
  group: "work",
  position: 95,
  summary: "Hide a session from the inbox for a while",
  args: "<session> [for]",
  complete: "session",
  details:
    "For 1h unless you say otherwise. It comes back when the time is over, or when the session needs you for something else. `ao status` keeps showing it.",
  options: [{ flags: "--off", text: "show it again now" }],
  examples: [
    ["ao snooze app-1", "for an hour"],
    ["ao snooze app-1 14:30", "until half past two"],
    ["ao snooze app-1 --off", "bring it back"],
  ],
};

export const run: Run = async (input, context) => {
  const [session = "", period] = input.args;
  const isOff = input.flag("off");
  if (isOff && period !== undefined) throw new AoError("USAGE", "give a time or --off, not both");
  const nowMs = context.io.now();
  const wanted = { nowMs, side: "future", name: "[for]" } as const;
  const until = isOff ? null : new Date(momentOf(period ?? "1h", wanted)).toISOString();
  const { data, meta } = await context.ask("snooze", { session, until });
  const said = until === null ? "is in the inbox again" : `is snoozed until ${clockTime(until, nowMs)}`;
  context.show(data, () => `${data.id} ${said}\n`, meta);
  return 0;
};
