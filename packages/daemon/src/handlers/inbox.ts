import { groupOf } from "@agent-orchestrator/core/decide/view";
import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { at } from "@agent-orchestrator/core/model/time";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { inboxOf } from "../notices/inbox-of.ts";
import { noticesOf } from "../notices/status-lines.ts";

/**
 * The first change after a pause is sent at once. After an update comes a pause that grows with what it cost, so that a busy fleet
 * has most of the daemon's time for itself.
 */
const PAUSE = { leastMs: 25, mostMs: 100, times: 8 };
/** Making the notices looks at folders. */
const NOTICES_MS = 1_000;

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
  return { data: inboxOf(app), meta: metaOf(app, { away, notices: noticesOf(app) }) };
});

async function watch(app: App, call: Call, away: InboxMeta["away"]): Promise<void> {
  const { clock } = app.world;
  const waker: { snooze: AbortController | null } = { snooze: null };
  const notices = recentNotices(app);
  let last = "";
  let pace: "idle" | "pause" | "changed" = "idle";
  const send = () => {
    const begin = clock.monotonic();
    const data = inboxOf(app);
    const meta = metaOf(app, { away, notices: notices() });
    const text = JSON.stringify({ data, meta });
    if (text !== last) call.item({ data, meta });
    last = text;
    waker.snooze?.abort();
    waker.snooze = wakeAtSnooze(app, { data, send, signal: call.signal });
    pause(Math.min(PAUSE.mostMs, Math.max(PAUSE.leastMs, (clock.monotonic() - begin) * PAUSE.times)));
  };
  const pause = (ms: number) => {
    pace = "pause";
    clock.sleep(ms, call.signal).then(
      () => {
        const isChanged = pace === "changed";
        pace = "idle";
        if (isChanged) send();
      },
      () => undefined, // hung up
    );
  };
  const unsubscribe = app.engine.onCommit(() => {
    const isIdle = pace === "idle";
    pace = "changed";
    // Not in the middle of the commit.
    if (isIdle) clock.sleep(0, call.signal).then(send, () => undefined); // hung up
  });
  send();
  await new Promise<void>((resolve) => {
    if (call.signal.aborted) resolve();
    call.signal.addEventListener("abort", () => resolve());
  });
  waker.snooze?.abort();
  unsubscribe();
}

/** Sends again when the first snooze ends. */
function wakeAtSnooze(
  app: App,
  { data, send, signal }: { data: InboxRow[]; send(): void; signal: AbortSignal },
): AbortController | null {
  const ends = data.flatMap(({ snoozedUntil }) => (snoozedUntil === null ? [] : [at(snoozedUntil)]));
  if (ends.length === 0) return null;
  const { clock } = app.world;
  const replaced = new AbortController();
  const waitMs = Math.max(0, Math.min(...ends) - clock.now());
  clock.sleep(waitMs, AbortSignal.any([signal, replaced.signal])).then(send, () => undefined); // replaced, or hung up
  return replaced;
}

function recentNotices(app: App): () => InboxMeta["notices"] {
  const { clock } = app.world;
  let made: { atMs: number; notices: InboxMeta["notices"] } | null = null;
  return () => {
    const nowMs = clock.monotonic();
    if (made === null || nowMs - made.atMs > NOTICES_MS) made = { atMs: nowMs, notices: noticesOf(app) };
    return made.notices;
  };
}

function metaOf(app: App, { away, notices }: Pick<InboxMeta, "away" | "notices">): InboxMeta {
  const counts = { working: 0, waiting: 0, queued: 0 };
  for (const record of Object.values(app.engine.state.sessions)) {
    const group = groupOf(record);
    if (group === "working" || group === "waiting" || group === "queued") counts[group] += 1;
  }
  return { notices, counts, away };
}
