import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AttachInfo } from "@agent-orchestrator/core/slots/runtime";
import { helperPath } from "@agent-orchestrator/plugin-kit/helper-path";
import { inspectContainer, isRunning } from "./container.ts";
import type { Desk } from "./launch.ts";
import type { Run } from "./layout.ts";

export async function attachInfo({ engine, options, context }: Desk, run: Run): Promise<AttachInfo> {
  if (!isRunning(await inspectContainer(engine, run))) {
    throw new AoError("UNAVAILABLE", "the agent's program has ended", { hint: "`ao restore` starts it again." });
  }
  const client = helperPath("docker-attach-entry.js", import.meta.url, context);
  const key = options.detachKey.slice(2).toUpperCase();
  return {
    argv: [process.execPath, client, engine.address, run.key, options.detachKey, run.sessionId, run.dir],
    detachHint: `Press Ctrl-${key} to leave. The agent continues.`,
    detachKeys: [options.detachKey],
  };
}
