import { dirname, resolve } from "node:path";
import { plural } from "@agent-orchestrator/core/decide/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { InstanceState } from "@agent-orchestrator/core/model/state";
import type { LeftSession } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { heldBy, leave, leftBefore, previewOf } from "../sessions/leaving.ts";

/** Lets go of a config (its file or folder; the file may be missing) or of one session. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ target: z.string().min(1), isConfirmed: z.boolean().optional() }),
}).returns<{ configPath: string | null; sessions: LeftSession[] }>(async (app, { target, isConfirmed }, call) => {
  const before = leftBefore(app, call);
  const { instance, records } = before === null ? targetOf(app, target, call.caller.cwd) : again(app, before, call);
  const { id = null, configPath = null } = instance ?? {};
  if (before === null && records.length > 0 && isConfirmed !== true) {
    throw question(await previewOf(app, records), instance);
  }
  const marks: Record<string, string> = id === null || configPath === null ? {} : { instance: id, configPath };
  const sessions = await leave(app, { records, marks }, call);
  if (id !== null && Object.hasOwn(app.engine.state.instances, id)) await app.configs.forget(id);
  return { data: { configPath, sessions } };
});

/** What was to be forgotten when the wish was new. */
function again(app: App, records: SessionRecord[], { wish }: Call): Target {
  const { instance: id, configPath } = wish.known?.marks ?? {};
  if (id === undefined) return { instance: null, records };
  const now = app.engine.state.instances[String(id)];
  return { instance: now ?? { id: String(id), configPath: String(configPath) }, records };
}

interface Target {
  instance: Pick<InstanceState, "id" | "configPath"> | null;
  records: SessionRecord[];
}

function targetOf(app: App, target: string, cwd: string): Target {
  const { state } = app.engine;
  const path = resolve(cwd, target);
  const instance = Object.values(state.instances).find(
    ({ id, configPath }) => id === target || configPath === path || dirname(configPath) === path,
  );
  if (instance !== undefined) {
    return { instance, records: heldBy(state, ({ instanceId }) => instanceId === instance.id) };
  }
  const record = state.sessions[target];
  if (record !== undefined) return { instance: null, records: heldBy(state, ({ id }) => id === record.id) };
  const known = Object.values(state.instances).map(({ configPath }) => configPath);
  throw new AoError("NOT_FOUND", `no config at ${path} is known`, {
    hint: known.length === 0 ? "None is known at all." : `Known: ${known.join(", ")}.`,
  });
}

function question(sessions: readonly LeftSession[], instance: Target["instance"]): AoError {
  const named = sessions.map(
    ({ session, unmerged }) => `${session}${unmerged === null ? "" : ` (${unmerged} not merged)`}`,
  );
  const of = instance === null ? "" : ` of ${instance.configPath}`;
  return new AoError(
    "REFUSED",
    `this would end ${plural(sessions.length, "session")}${of}, keep the work and remove the checkouts: ${named.join(", ")}`,
    { hint: "Add --yes to go ahead.", details: { sessions } },
  );
}
