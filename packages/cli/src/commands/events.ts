import { oneLine } from "@agent-orchestrator/core/model/text";
import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Input, Run } from "../command.ts";
import { type Colours, coloursFor } from "../output/colour.ts";
import { localTime } from "../output/format.ts";
import { parseCount } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "events",
  group: "look",
  position: 60,
  summary: "Print the log of events, of one session or of all",
  args: "[session]",
  complete: "session",
  options: [
    { flags: "-f, --follow", text: "print new events as they happen" },
    { flags: "-n, --limit <count>", text: "number of events from the end (100)" },
    { flags: "--after <seq>", text: "only events after this sequence number" },
    { flags: "-a, --all", text: "include internal records of ao" },
  ],
  examples: [
    ["ao events app-1", "events of one session"],
    ["ao events --follow --json", "one JSON document per line"],
  ],
};

export const run: Run = async (input, context) => {
  const params = paramsOf(input);
  const colour = coloursFor(context.io);
  if (params.follow === true) return await follow(context, { params, colour });
  const { data, meta } = await context.ask("events", params);
  context.show(data, () => data.map((event) => eventText(event, colour)).join(""), meta);
  return 0;
};

/** Continues after the last event when the daemon is restarted. */
async function follow(
  context: Context,
  { params, colour }: { params: ParamsOf<"events">; colour: Colours },
): Promise<number> {
  let lastSeq = params.afterSeq;
  const onItem = (item: unknown) => {
    for (const event of (Array.isArray(item) ? item : [item]) as LoggedEvent[]) {
      if (lastSeq !== undefined && event.seq <= lastSeq) continue;
      lastSeq = event.seq;
      context.show([event], () => eventText(event, colour));
    }
  };
  const from = () => ({ ...params, ...(lastSeq === undefined ? {} : { afterSeq: lastSeq }) });
  return await context.follow("events", from, { onItem });
}

function paramsOf(input: Input): ParamsOf<"events"> {
  const [session] = input.args;
  const limit = input.text("limit");
  const after = input.text("after");
  return {
    ...(session === undefined ? {} : { session }),
    ...(limit === undefined ? {} : { limit: parseCount(limit, "--limit") }),
    ...(after === undefined ? {} : { afterSeq: parseCount(after, "--after") }),
    ...(input.flag("all") ? { all: true } : {}),
    ...(input.flag("follow") ? { follow: true } : {}),
  };
}

function eventText(event: LoggedEvent, colour: Colours): string {
  const { ts, type, priority, sessionId, projectId, message } = event;
  const text = typeof message === "string" ? oneLine(message, 500) : internalText(event);
  const who = oneLine(String(sessionId ?? projectId ?? ""), 60);
  const kind = painterOf(priority, colour)(oneLine(type, 60).padEnd(26));
  return `${colour.dim(localTime(ts))}  ${who.padEnd(10)}  ${kind}  ${text}`.trimEnd().concat("\n");
}

function painterOf(priority: LoggedEvent["priority"], colour: Colours): (text: string) => string {
  if (priority === "urgent") return colour.red;
  return priority === "action" || priority === "warning" ? colour.yellow : String;
}

const COMMON = new Set(["seq", "id", "ts", "type", "epoch", "batch", "sessionId", "projectId", "instanceId"]);

/** A record of `ao`'s own has no message: its members are shown. */
function internalText(event: LoggedEvent): string {
  const rest = Object.entries(event).filter(([name]) => !COMMON.has(name));
  return rest.length === 0 ? "" : oneLine(JSON.stringify(Object.fromEntries(rest)), 200);
}
