import { readyMarker } from "@agent-orchestrator/core/act/pull-request";
import { prName } from "@agent-orchestrator/core/decide/facts-of";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { requireProject } from "../sessions/project-place.ts";
import { sessionOfWish, viewOf } from "./shared/find.ts";
import { freshSnapshot, noteSnapshot } from "./shared/snapshot.ts";

/** Marks a draft as ready for review. One that is ready stays so. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ session: z.string() }),
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  if (call.wish.known?.result?.isReady === true) return { data: viewOf(app, record.id) };
  const { scm, info, snapshot } = await freshSnapshot({ app, call }, record);
  if (snapshot.state === "merged" || snapshot.state === "closed") {
    throw new AoError("REFUSED", `${prName(info)} of ${record.id} is ${snapshot.state}`);
  }
  const markReady = readyMarker(scm, requireProject(app, record));
  await askPlugin({ app, call }, "the scm", (signal) => markReady(info, { signal }));
  const kept = call.wish.keep({ sessionIds: [record.id], result: { isReady: true } });
  app.engine.tell(record.id, [{ kind: "pr-ready", number: info.number }]);
  await kept;
  await noteSnapshot({ app, call }, record, { scm, info });
  return { data: viewOf(app, record.id) };
});
