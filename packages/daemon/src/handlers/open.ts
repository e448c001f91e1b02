import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { sessionOf } from "./shared/find.ts";

/** Uses the terminal slot, if there is a terminal plugin. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({ target: z.string() }),
}).returns<{ opened: string[] }>(async (app, { target }, call) => {
  const { sessions, projects } = app.engine.state;
  const isProject = Object.values(projects).some(({ projectId }) => projectId === target);
  const ids =
    target === "all" || isProject
      ? Object.values(sessions)
          .filter((record) => record.ending === null && (target === "all" || record.projectId === target))
          .map(({ id }) => id)
      : [(await sessionOf(app, target, call)).id];
  throw new AoError("UNAVAILABLE", "no terminal plugin is installed", {
    hint:
      ids.length === 0
        ? "There is no session to open."
        : `Attach by hand: ${ids.map((id) => `ao attach ${id}`).join("; ")}`,
    details: { attach: ids.map((id) => `ao attach ${id}`) },
  });
});
