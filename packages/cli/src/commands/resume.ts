import type { Run } from "../command.ts";
import { setPaused } from "./pause.ts";

export const run: Run = (input, context) => setPaused(context, { target: input.args[0], isPaused: false });
