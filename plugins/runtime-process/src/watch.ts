import { isoNow } from "@agent-orchestrator/core/host/clock";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { isFromAnotherBoot, isRunning } from "@agent-orchestrator/plugin-kit/process";
import { connectRunner, type RunnerClient } from "./client.ts";
import { judge } from "./judge.ts";
import type { Run } from "./layout.ts";
import { lastOutput } from "./output.ts";

const LAST_LINES = 20;
/** Without a runner there are no pushes, so check the agent's pid. */
const LOOK_MS = 1_000;

/** Reports what happens to one program until it has ended, or `stop` is called. */
export function watchRun(run: Run, context: PluginContext, onFact: (fact: RuntimeFact) => void) {
  const stopping = new AbortController();
  let client: RunnerClient | null = null;

  /** One connection. Resolves when it is closed. */
  async function listen(): Promise<void> {
    let closed: () => void = () => undefined;
    const end = new Promise<void>((resolve) => {
      closed = resolve;
    });
    client = await connectRunner(run.socket, {
      onClose: closed,
      onEvent: (event) => {
        if (event.ev === "output" || event.ev === "ready" || event.ev === "human-input") {
          onFact({ kind: event.ev, at: event.at });
        }
      },
    });
    if (stopping.signal.aborted) return client.close();
    const { isReady } = await client.call("watch");
    if (isReady === true) onFact({ kind: "ready", at: isoNow(context.clock) });
    await end;
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (isRunning(run.runner)) await listen().catch(() => undefined); // Not there yet, or gone again. Judged below.
      const info = await judge(run, context.clock);
      if (stopping.signal.aborted) return;
      if (!info.alive) return onFact(ending(run, context, info.exit));
      await context.clock.sleep(LOOK_MS, stopping.signal);
    }
  }

  const following = follow().catch((error: unknown) => {
    if (!stopping.signal.aborted) context.log.warn("watching a process failed", { key: run.key, error: String(error) });
  });
  return {
    async stop() {
      stopping.abort();
      client?.close();
      await following;
    },
  };
}

function ending(
  run: Run,
  context: PluginContext,
  exit: { code: number | null; signal: string | null; at: string } | null,
) {
  const at = exit?.at ?? isoNow(context.clock);
  if (exit === null && isFromAnotherBoot(run.runner)) {
    return { kind: "lost", at, reason: "the machine was restarted" } as const;
  }
  return { kind: "exit", at, exit, lastOutput: lastOutput(run.dir, LAST_LINES) } as const;
}
