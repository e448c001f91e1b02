import { isAlive, isInFlight } from "@agent-orchestrator/core/decide/facts-of";
import { refusalOfRestore } from "@agent-orchestrator/core/decide/refusals";
import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { State } from "@agent-orchestrator/core/model/state";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { sessionOfWish, viewOf } from "./shared/find.ts";

/** Starts a session that ended again, with its conversation and files. Returns when the agent runs or waits in the queue. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ session: z.string() }),
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  if (call.wish.known === null) await begin(app, record, call);
  const before = Number(call.wish.known?.marks?.[record.id] ?? record.launch.last?.number ?? 0);
  await app.engine.until(
    (state) => {
      const now = state.sessions[record.id];
      if (now === undefined) throw new AoError("NOT_FOUND", `${record.id} is gone`);
      const { ending } = now;
      const { last: launch } = now.launch;
      const isNew = launch !== null && launch.number > before;
      if (isNew && launch.startedAt !== null) return true;
      if (now.phase === "queued") return now.queuedFor !== null;
      // Until then it is the end of its last program, which may still be stopping.
      if (isNew && ending !== null) throw new AoError("FAILED", `${now.id} did not start: ${ending.reason}`);
      return false;
    },
    { signal: call.signal },
  );
  return { data: viewOf(app, record.id) };
});

async function begin(app: App, record: SessionRecord, call: Call): Promise<void> {
  throwIfRefused(refusalOfRestore(record, app.world.decideContext(record).policy));
  app.configs.requireTrusted(record.instanceId);
  await stopped(app, record.id, call);
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  const kept = call.wish.keep({ sessionIds: [record.id], marks: { [record.id]: record.launch.last?.number ?? 0 } });
  app.engine.tell(record.id, [{ kind: "wish-restore" }]);
  await kept;
}

const STOP_MS = 30_000;

/** Right after a merge or a kill its program may still be stopping. A restore before its end would be lost. */
async function stopped(app: App, id: string, { signal }: Call): Promise<void> {
  const isOver = (state: State): boolean => {
    const now = state.sessions[id];
    return now === undefined || !(now.launch.stopping || isAlive(now) || isInFlight(now));
  };
  const late = () => new AoError("TRY_AGAIN", `the program of ${id} is still stopping`);
  await withDeadline((ended) => app.engine.until(isOver, { signal: ended }), {
    clock: app.world.clock,
    ms: STOP_MS,
    signal,
    late,
  });
}
