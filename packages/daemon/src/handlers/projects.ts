import { existsSync } from "node:fs";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";

/** Every project that can be named, from any folder. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({}),
}).returns<{ id: string; path: string | null; configPath: string }[]>(async (app) => {
  const known = app.configs.all().filter(({ path }) => existsSync(path));
  const rows = known.flatMap(({ path: configPath, projects, brokenProjects }) => [
    ...projects.map(({ id, path }) => ({ id, path, configPath })),
    ...[...brokenProjects.keys()].map((id) => ({ id, path: null, configPath })),
  ]);
  return { data: rows };
});
