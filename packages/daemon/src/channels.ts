import { answerWithin } from "@agent-orchestrator/core/host/deadline";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "./config/instance.ts";
import type { PluginCache } from "./plugin-cache.ts";

/** Whether a notification can reach the user, by the channels' own checks, which run rarely. */
export interface Channels {
  /** The red first line of `ao status`, or null. */
  unreachable(): { level: "error"; text: string; hint: string } | null;
  /** Runs the checks again. */
  refresh(): Promise<void>;
}

const FRESH_MS = 60_000;
const CHECK_MS = 10_000;

export function createChannels(deps: {
  clock: Clock;
  stopping: AbortSignal;
  redact(text: string): string;
  plugins: PluginCache;
  instances(): InstanceConfig[];
  watcherCount(): number;
}): Channels {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let problem: string | null = null;
  let running: Promise<void> | null = null;

  async function check(): Promise<void> {
    const problems: string[] = [];
    let isReachable = false;
    for (const instance of deps.instances()) {
      for (const name of new Set([...instance.routing.urgent, ...instance.routing.action])) {
        const choice = instance.notifiers[name];
        if (choice === undefined) continue;
        try {
          const notifier = await deps.plugins.notifier(instance, choice);
          const asking = { whom: "it", timeoutMs: CHECK_MS, clock: deps.clock, signal: deps.stopping };
          const answer = await answerWithin(async (signal) => notifier.check?.({ signal }), asking);
          if (answer?.ok === false) problems.push(`${name}: ${answer.text}`);
          else isReachable = true;
        } catch (error) {
          problems.push(`${name}: ${deps.redact(toAoError(error).message)}`);
        }
      }
    }
    checkedAt = deps.clock.monotonic();
    problem =
      isReachable || deps.instances().length === 0
        ? null
        : [...new Set(problems)].join("; ") || "no notifier is configured";
  }

  const refresh = () => {
    running ??= check().finally(() => {
      running = null;
    });
    return running;
  };

  return {
    refresh,
    unreachable() {
      if (deps.clock.monotonic() - checkedAt > FRESH_MS) void refresh();
      if (problem === null || deps.watcherCount() > 0) return null;
      return {
        level: "error",
        text: `no notification can reach you (${problem})`,
        hint: "Set a notifier in $AO_HOME/config.yaml, or keep `ao status --watch` open, which rings the terminal bell.",
      };
    },
  };
}
