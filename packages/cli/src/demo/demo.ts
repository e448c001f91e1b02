import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Context } from "../command.ts";

/** STUB: the demo takes this file's place; commands/demo.ts and the command table stay as they are. */
export async function demo(_context: Context, _options: { isKept: boolean }): Promise<number> {
  throw new AoError("UNAVAILABLE", "the demo is not built yet");
}
