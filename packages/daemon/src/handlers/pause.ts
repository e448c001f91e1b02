import type { State } from "@agent-orchestrator/core/model/state";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionOf } from "./find.ts";

export const params = z.object({ target: z.string().optional(), isPaused: z.boolean() });

/** Pauses everything, one project or one session: no sends, starts or merges until resumed. */
export const run: Handler<"pause"> = async (app, { target, isPaused }) => {
  if (target === undefined) {
    await app.engine.change((state) => ({ state: { ...state, isPaused } }));
    return { data: { target: "everything", isPaused } };
  }
  const keys = Object.values(app.engine.state.projects)
    .filter(({ projectId }) => projectId === target)
    .map(({ key }) => key);
  if (keys.length > 0) {
    await app.engine.change((state) => ({ state: pauseProjects(state, keys, isPaused) }));
    return { data: { target, isPaused } };
  }
  const record = sessionOf(app, target);
  app.engine.tell(record.id, [{ kind: "wish-pause", isPaused }]);
  await app.engine.until((state) => state.sessions[record.id]?.isPaused === isPaused);
  return { data: { target: record.id, isPaused } };
};

function pauseProjects(state: State, keys: string[], isPaused: boolean): State {
  const projects = { ...state.projects };
  for (const key of keys) {
    const project = projects[key];
    if (project !== undefined) projects[key] = { ...project, isPaused };
  }
  return { ...state, projects };
}
