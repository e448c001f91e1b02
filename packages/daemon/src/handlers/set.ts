import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { sessionOfWish, viewOf } from "./shared/find.ts";

const KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const OURS = new Set(
  "project issue branch worktree status agent runtime runtimeHandle tmuxName pr createdAt agentSessionId rev title".split(
    " ",
  ),
);

/** Sets a key of a session's metadata, or removes it (null). */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsEnv: false,
  params: z.object({ session: z.string(), key: z.string(), value: z.string().max(65_536).nullable() }),
}).returns<SessionView>(async (app, { session, key, value }, call) => {
  const record = await sessionOfWish(app, session, call);
  if (call.wish.known !== null) return { data: viewOf(app, record.id) };
  if (!KEY.test(key) || key === "__proto__" || key === "constructor" || key === "prototype") {
    throw new AoError("USAGE", `not a valid key: ${key}`, {
      hint: "Letters, digits, `_`, `.` and `-`, beginning with a letter.",
    });
  }
  if (OURS.has(key)) throw new AoError("REFUSED", `${key} is derived by \`ao\` and cannot be set`);
  const kept = call.wish.keep({ sessionIds: [record.id] });
  app.engine.tell(record.id, [{ kind: "wish-set", key, value }]);
  await kept;
  return { data: viewOf(app, record.id) };
});
