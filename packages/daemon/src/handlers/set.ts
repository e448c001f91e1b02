import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionToChange, viewOf } from "./find.ts";

export const params = z.object({ session: z.string(), key: z.string(), value: z.string().max(65_536).nullable() });

const KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const OURS = new Set(
  "project issue branch worktree status agent runtime runtimeHandle tmuxName pr createdAt agentSessionId rev title".split(
    " ",
  ),
);

export const run: Handler<"set"> = async (app, { session, key, value }, call) => {
  const record = await sessionToChange(app, session, call);
  if (!KEY.test(key) || key === "__proto__" || key === "constructor" || key === "prototype") {
    throw new AoError("USAGE", `not a valid key: ${key}`, {
      hint: "Letters, digits, `_`, `.` and `-`, beginning with a letter.",
    });
  }
  if (OURS.has(key)) throw new AoError("REFUSED", `${key} is derived by \`ao\` and cannot be set`);
  app.engine.tell(record.id, [{ kind: "wish-set", key, value }]);
  await app.engine.until((state) => {
    const now = state.sessions[record.id];
    if (now === undefined) return true;
    const current = key === "summary" ? now.summary : (now.extra[key] ?? null);
    return current === value;
  });
  return { data: viewOf(app, record.id) };
};
