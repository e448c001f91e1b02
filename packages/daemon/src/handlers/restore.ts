import { toIso } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { App, Handler } from "../app.ts";
import { sessionToChange, viewOf } from "./find.ts";

export const params = z.object({ session: z.string() });

export const run: Handler<"restore"> = async (app, wanted, call) => {
  const record = await sessionToChange(app, wanted.session, call);
  const isRunning = record.launch !== null && record.launch.exit === null && record.ending === null;
  const { wishId } = call.caller;
  // The answer to an earlier request was lost, and it was carried out.
  if (isRunning && wishId !== undefined && wishId in app.engine.state.wishes) return { data: viewOf(app, record.id) };
  if (isRunning)
    throw new AoError("REFUSED", `${record.id} is running`, { hint: `Run \`ao attach ${record.id}\` to see it.` });
  app.configs.requireTrusted(record.instanceId);
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  if (wishId !== undefined) await remember(app, wishId, record.id);
  const before = record.launch?.number ?? 0;
  app.engine.tell(record.id, [{ kind: "wish-restore" }]);
  await app.engine.until(
    (state) => {
      const now = state.sessions[record.id];
      const launch = now?.launch;
      if (now === undefined || launch === null || launch === undefined || launch.number <= before) return false;
      if (now.ending !== null) throw new AoError("FAILED", `${now.id} did not start: ${now.ending.reason}`);
      return launch.startedAt !== null;
    },
    { signal: call.signal },
  );
  return { data: viewOf(app, record.id) };
};

const remember = (app: App, wishId: string, sessionId: string): Promise<void> =>
  app.engine.change((state) => {
    const wish = { at: toIso(app.world.clock.now()), sessionIds: [sessionId] };
    return { state: { ...state, wishes: { ...state.wishes, [wishId]: wish } } };
  });
