import { existsSync } from "node:fs";
import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

/** Every project that can be named, from any folder. */
export const run: Handler<"projects"> = async (app) => {
  const known = app.configs.all().filter(({ path }) => existsSync(path));
  const rows = known.flatMap(({ path: configPath, projects, brokenProjects }) => [
    ...projects.map(({ id, path }) => ({ id, path, configPath })),
    ...[...brokenProjects.keys()].map((id) => ({ id, path: null, configPath })),
  ]);
  return { data: rows };
};
