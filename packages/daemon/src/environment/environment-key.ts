import type { Env } from "../config/interpolate.ts";

/** The caller's folder and shell depth have no influence on the values. */
const POSITION = new Set(["PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES"]);

/** The same for two environments that fill in the same values. */
export const environmentKey = (env: Env): string =>
  JSON.stringify(
    Object.entries(env)
      .filter(([name]) => !POSITION.has(name))
      .sort(),
  );
