import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import { z } from "zod";
import type { App, Handler } from "../app.ts";
import { sessionToChange } from "./find.ts";

export const params = z.object({ target: z.string().optional(), isPaused: z.boolean() });

/** Pauses everything, one project or one session: no sends, starts or merges until resumed. */
export const run: Handler<"pause"> = async (app, { target, isPaused }, call) => {
  if (target === undefined) {
    await app.engine.change((state) => ({ state: { ...state, isPaused } }));
    return { data: { target: "everything", isPaused, ...(isPaused ? {} : await grant(app, () => true)) } };
  }
  const keys = Object.values(app.engine.state.projects)
    .filter(({ projectId }) => projectId === target)
    .map(({ key }) => key);
  if (keys.length > 0) {
    await app.engine.change((state) => ({ state: pauseProjects(state, keys, isPaused) }));
    const isIts = ({ projectId }: SessionRecord) => projectId === target;
    return { data: { target, isPaused, ...(isPaused ? {} : await grant(app, isIts)) } };
  }
  const record = await sessionToChange(app, target, call);
  app.engine.tell(record.id, [{ kind: "wish-pause", isPaused }]);
  await app.engine.until((state) => state.sessions[record.id]?.isPaused === isPaused);
  const granted = isPaused ? {} : await grant(app, ({ id }) => id === record.id);
  return { data: { target: record.id, isPaused, ...granted } };
};

/** What a limit holds continues as well, as far as the grant allows. */
async function grant(app: App, fits: (record: SessionRecord) => boolean): Promise<{ granted?: string[] }> {
  const held = Object.values(app.engine.state.sessions).filter((record) => record.limit && fits(record));
  for (const { id } of held) app.engine.tell(id, [{ kind: "wish-grant" }]);
  if (held.length > 0) await app.engine.settled();
  return held.length === 0 ? {} : { granted: held.map(({ id }) => id) };
}

function pauseProjects(state: State, keys: string[], isPaused: boolean): State {
  const projects = { ...state.projects };
  for (const key of keys) {
    const project = projects[key];
    if (project !== undefined) projects[key] = { ...project, isPaused };
  }
  return { ...state, projects };
}
