import { oneLine } from "@agent-orchestrator/core/host/text";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { ParamsOf } from "@agent-orchestrator/core/protocol/requests";
import type { Context, Input, Run } from "../command.ts";
import { type Colours, coloursFor } from "../output/colour.ts";
import { localTime } from "../output/format.ts";
import { jsonLine } from "../output/json.ts";
import { parseCount } from "../parse/duration.ts";

export const run: Run = async (input, context) => {
  const params = paramsOf(input);
  const colour = coloursFor(context.io);
  if (params.follow === true) return await follow(context, { params, colour });
  const { data, meta } = await context.ask("events", params);
  context.show(data, () => data.map((event) => eventText(event, colour)).join(""), meta);
  return 0;
};

/** Over a restart of the daemon it goes on after the last event that was seen. */
async function follow(
  context: Context,
  { params, colour }: { params: ParamsOf<"events">; colour: Colours },
): Promise<number> {
  let lastSeq = params.afterSeq;
  const onItem = (item: unknown) => {
    for (const event of (Array.isArray(item) ? item : [item]) as OrchestratorEvent[]) {
      if (lastSeq !== undefined && event.seq <= lastSeq) continue;
      lastSeq = event.seq;
      context.io.out(context.isJson ? jsonLine([event]) : eventText(event, colour));
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

function eventText({ ts, type, priority, sessionId, projectId, message }: OrchestratorEvent, colour: Colours): string {
  const paint =
    { urgent: colour.red, action: colour.yellow, warning: colour.yellow, info: (text: string) => text }[priority] ??
    String;
  const who = oneLine(sessionId ?? projectId ?? "", 60);
  return `${colour.dim(localTime(ts))}  ${who.padEnd(10)}  ${paint(oneLine(type, 60).padEnd(26))}  ${oneLine(message, 500)}\n`;
}
