import type { Run } from "../command.ts";
import { run as kill } from "./kill.ts";

export const run: Run = (input, context) =>
  kill({ ...input, flag: (name) => name === "rm" || input.flag(name) }, context);
