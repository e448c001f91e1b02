import { inStatusOrder } from "@agent-orchestrator/core/decide/status-order";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { liveView } from "./shared/find.ts";
import { isQuietlyOver, statusMeta } from "./shared/status-rows.ts";

/** What has changed since the item before. The first one has everything. */
interface BoardItem {
  /** New sessions, and those that are not as they were. */
  changed: SessionView[];
  /** The ids of all sessions that are shown, in the order of `ao status`. */
  order: string[];
  /** Absent if it is as it was, apart from its time. */
  meta?: StatusMeta;
}

const NOTHING: BoardItem = { changed: [], order: [] };

/** Many changes in a short time become one update. */
const PAUSE_MS = 50;
/** How often what only time changes is looked at, such as notices and what a set-up prints. */
const LOOK_MS = 2_000;

/** The sessions of `ao status`. With `isWatching`, then an item for each change, with only what has changed, until the caller disconnects. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params: z.object({
    isWatching: z.boolean().optional(),
    all: z.boolean().optional(),
    /** The caller shows the user what rings. */
    rings: z.boolean().optional(),
  }),
}).returns<BoardItem>(async (app, { isWatching, all = false, rings = false }, call) => {
  if (isWatching !== true) return { data: updates(app, all)(true) ?? NOTHING };
  const leave = rings ? app.world.addWatcher(call.ring) : () => false;
  try {
    await watch(app, all, call);
  } finally {
    leave();
  }
  return { data: NOTHING };
});

async function watch(app: App, isAll: boolean, call: Call): Promise<void> {
  const { clock } = app.world;
  const next = updates(app, isAll);
  const send = (isWhole: boolean) => {
    const item = next(isWhole);
    if (item !== null) call.item(item);
  };
  let pace: "idle" | "pause" | "changed" = "idle";
  const after = (ms: number, work: () => void) => {
    clock.sleep(ms, call.signal).then(work, () => undefined); // hung up
  };
  /** The first change after a pause is sent at once. */
  const update = () => {
    send(false);
    pace = "pause";
    after(PAUSE_MS, () => {
      const isChanged = pace === "changed";
      pace = "idle";
      if (isChanged) update();
    });
  };
  const unsubscribe = app.engine.onCommit(() => {
    const isIdle = pace === "idle";
    pace = "changed";
    if (isIdle) after(0, update); // not in the middle of the commit
  });
  send(true);
  try {
    for (;;) {
      await clock.sleep(LOOK_MS, call.signal);
      send(true);
    }
  } catch (error) {
    if (!call.signal.aborted) throw error;
  } finally {
    unsubscribe();
  }
}

/** Makes each next item, or null if nothing has changed. `isWhole`: also what only time changes. */
function updates(app: App, isAll: boolean): (isWhole: boolean) => BoardItem | null {
  const seen = new Map<string, { record: SessionRecord; text: string }>();
  let lastOrder = "";
  let lastMeta = "";
  return (isWhole) => {
    const records = inStatusOrder(
      Object.values(app.engine.state.sessions).filter((record) => isAll || !isQuietlyOver(record)),
    );
    const changed: SessionView[] = [];
    for (const record of records) {
      const known = seen.get(record.id);
      if (!isWhole && known?.record === record) continue;
      const view = liveView(app, record);
      const text = JSON.stringify(view);
      if (known?.text !== text) changed.push(view);
      seen.set(record.id, { record, text });
    }
    const order = records.map(({ id }) => id);
    const shown = new Set(order);
    for (const id of seen.keys()) if (!shown.has(id)) seen.delete(id);
    const meta = statusMeta(app);
    const metaText = JSON.stringify({ ...meta, generatedAt: "" });
    const isSame = changed.length === 0 && order.join("\n") === lastOrder && metaText === lastMeta;
    const isFirst = lastMeta === "";
    const item = { changed, order, ...(metaText === lastMeta ? {} : { meta }) };
    lastOrder = order.join("\n");
    lastMeta = metaText;
    return isSame && !isFirst ? null : item;
  };
}
