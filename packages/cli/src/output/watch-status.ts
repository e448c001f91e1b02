import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { CallHooks } from "@agent-orchestrator/core/protocol/client";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import type { ParamsOf, Requests } from "@agent-orchestrator/daemon/requests";
import type { Context } from "../command.ts";
import { coloursFor } from "./colour.ts";
import { jsonLine } from "./json.ts";
import { ringText } from "./ring.ts";
import { openScreen } from "./screen.ts";
import { statusLines, statusScreen } from "./status-text.ts";

interface Item {
  data: SessionView[];
  meta: Partial<StatusMeta>;
}

/** The daemon sends `{data, meta}` for each change. */
function toItem(item: unknown): Item {
  if (Array.isArray(item)) return { data: item as SessionView[], meta: {} };
  const { data, meta } = item as Partial<Item>;
  return { data: data ?? [], meta: meta ?? {} };
}

export async function watchStatus(context: Context, params: ParamsOf<"status">): Promise<number> {
  const isScreen = context.io.isOutTty && context.io.isInTty && !context.isJson;
  return isScreen ? await onScreen(context, params) : await asDocuments(context, params);
}

/** Without a terminal: one document or one plain table per change, until the reader closes the pipe. */
async function asDocuments(context: Context, params: ParamsOf<"status">): Promise<number> {
  const { io, isJson } = context;
  let last = "";
  const onItem = (item: unknown) => {
    const { data, meta } = toItem(item);
    const lines = () => statusLines({ sessions: data, meta, project: params.project }, lookOf(context)).join("\n");
    const text = isJson ? jsonLine(data, meta) : `${lines()}\n\n`;
    const key = isJson ? JSON.stringify(data) : text;
    if (key !== last) io.out(text);
    last = key;
  };
  return await context.follow("status", () => ({ ...params, isWatching: true }), { onItem });
}

const lookOf = ({ io }: Context) => ({ columns: io.columns(), nowMs: io.now(), colour: coloursFor(io) });

/** An empty line and how to leave. */
const FOOT_ROWS = 2;
/** Ages change even if nothing happens. */
const AGEING_MS = 5_000;

async function onScreen(context: Context, params: ParamsOf<"status">): Promise<number> {
  const { io } = context;
  const leaving = new AbortController();
  const screen = openScreen(io, { onLeave: () => leaving.abort(), onResize: () => draw() });
  let now: Item | null = null;
  const draw = () => {
    const lines =
      now === null
        ? ["…"]
        : statusScreen(
            { sessions: now.data, meta: now.meta, project: params.project },
            { ...lookOf(context), rows: (io.stdout.rows || 24) - FOOT_ROWS },
          );
    screen.draw([...lines, "", coloursFor(io).dim("q: quit")]);
  };
  const hooks: CallHooks<Requests["status"]> = {
    signal: leaving.signal,
    onItem: (item) => {
      now = toItem(item);
      draw();
    },
    onRing: (text) => io.out(ringText(io.env, text)),
  };
  let ageing: NodeJS.Timeout | undefined;
  const grow = () => {
    draw();
    ageing = setTimeout(grow, AGEING_MS);
  };
  grow();
  try {
    return await context.follow("status", () => ({ ...params, isWatching: true, isHere: true }), hooks);
  } catch (error) {
    if (leaving.signal.aborted) return 0;
    throw error;
  } finally {
    clearTimeout(ageing);
    screen.close();
  }
}
