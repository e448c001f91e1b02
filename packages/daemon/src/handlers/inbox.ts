import { inboxRows } from "@agent-orchestrator/core/decide/inbox";
import { groupOf } from "@agent-orchestrator/core/decide/view";
import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { at } from "@agent-orchestrator/core/model/time";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { noticesOf } from "../notices.ts";

/** Changes within this time become one update. It grows with what an update costs, so that a busy fleet has most of its time for itself. */
const TOGETHER_MS = { least: 25, most: 100, times: 8 };

/** What waits for the user in all instances, the worst first. With `isWatching`, an item for each change until the caller disconnects. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params: z.object({ isWatching: z.boolean().optional(), isHere: z.boolean().optional() }),
}).returns<InboxRow[], InboxMeta>(async (app, { isWatching, isHere }, call) => {
  const away = isHere === true ? app.presence.away() : null;
  if (isHere === true) app.presence.note();
  if (isWatching === true) {
    const leave = app.world.addWatcher(call.ring);
    try {
      await watch(app, call, away);
    } finally {
      leave();
    }
  }
  await app.channels.confirm();
  return { data: rowsOf(app), meta: metaOf(app, away) };
});

async function watch(app: App, call: Call, away: InboxMeta["away"]): Promise<void> {
  const { clock } = app.world;
  const timer: { snooze: AbortController | null } = { snooze: null };
  let last = "";
  let isWaiting = false;
  let tookMs = 0;
  const send = () => {
    const begin = clock.monotonic();
    const data = rowsOf(app);
    const meta = metaOf(app, away);
    const text = JSON.stringify({ data, meta });
    if (text !== last) call.item({ data, meta });
    last = text;
    tookMs = clock.monotonic() - begin;
    timer.snooze?.abort();
    timer.snooze = new AbortController();
    const ends = Math.min(...data.flatMap(({ snoozedUntil }) => (snoozedUntil === null ? [] : [at(snoozedUntil)])));
    if (!Number.isFinite(ends)) return;
    const until = AbortSignal.any([call.signal, timer.snooze.signal]);
    clock.sleep(Math.max(0, ends - clock.now()), until).then(send, () => undefined); // replaced, or hung up
  };
  const unsubscribe = app.engine.onCommit(() => {
    if (isWaiting) return;
    isWaiting = true;
    const { least, most, times } = TOGETHER_MS;
    clock.sleep(Math.min(most, Math.max(least, tookMs * times)), call.signal).then(
      () => {
        isWaiting = false;
        send();
      },
      () => undefined, // hung up
    );
  });
  send();
  await new Promise<void>((resolve) => {
    if (call.signal.aborted) resolve();
    call.signal.addEventListener("abort", () => resolve());
  });
  timer.snooze?.abort();
  unsubscribe();
}

const rowsOf = (app: App): InboxRow[] =>
  inboxRows(Object.values(app.engine.state.sessions), {
    nowMs: app.world.clock.now(),
    contextOf: (record) => app.world.decideContext(record),
  });

function metaOf(app: App, away: InboxMeta["away"]): InboxMeta {
  const counts = { working: 0, waiting: 0, queued: 0 };
  for (const record of Object.values(app.engine.state.sessions)) {
    const group = groupOf(record);
    if (group === "working" || group === "waiting" || group === "queued") counts[group] += 1;
  }
  return { notices: noticesOf(app), counts, away };
}
