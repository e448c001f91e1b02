import { AoError } from "@agent-orchestrator/core/model/errors";
import type { App, Call } from "./app.ts";

/** Detects, writes and trusts a config for the caller's repository. */
export async function initHere(
  _app: App,
  _call: Call,
  _wanted: { path?: string | undefined; isDryRun?: boolean | undefined },
): Promise<{ path: string; text: string; notes: string[] }> {
  throw new AoError("FAILED", "not built yet");
}
