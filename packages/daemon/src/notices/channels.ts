import { answerWithin } from "@agent-orchestrator/core/host/deadline";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "../config/instance.ts";
import type { PluginCache } from "../registry/plugin-cache.ts";

/** Whether a notification can reach the user, by the channels' own checks, which run rarely. */
export interface Channels {
  /** The red first line of `ao status`. Null if a channel works, or if the configs have changed since the last check. */
  unreachable(): { level: "error"; text: string; hint: string } | null;
  /** Runs the checks again. */
  refresh(): Promise<void>;
  /** Every channel of a config that has no way to reach anybody now, and why. */
  broken(instance: InstanceConfig): Promise<Problem[]>;
  /** Checks changed configs, and again what is about to be reported as unreachable, unless that was done moments ago. Takes a second at most. */
  confirm(): Promise<void>;
}

const FRESH_MS = 60_000;
/** A problem is reported only if it was there so recently. */
const PROBLEM_FRESH_MS = 5_000;
const CONFIRM_MS = 1_000;
const CHECK_MS = 10_000;

interface Problem {
  name: string;
  text: string;
  hint?: string;
}

interface Deps {
  clock: Clock;
  stopping: AbortSignal;
  redact(text: string): string;
  plugins: PluginCache;
  instances(): InstanceConfig[];
  watcherCount(): number;
}

export function createChannels(deps: Deps): Channels {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checked: readonly InstanceConfig[] = [];
  let problem: string | null = null;
  let running: Promise<void> | null = null;

  const refresh = () => {
    running ??= (async () => {
      const instances = deps.instances();
      problem = await problemOf(deps, instances);
      checkedAt = deps.clock.monotonic();
      checked = instances;
    })().finally(() => {
      running = null;
    });
    return running;
  };
  const ageMs = () => deps.clock.monotonic() - checkedAt;
  /** Instances are immutable, and a changed config is another one. */
  const isOfNow = () => {
    const now = deps.instances();
    return now.length === checked.length && now.every((instance, index) => instance === checked[index]);
  };

  return {
    refresh,
    async broken(instance) {
      const checks = Object.keys(instance.notifiers).map((name) => problemOfOne(deps, instance, name));
      return (await Promise.all(checks)).filter((problem) => problem !== null);
    },
    async confirm() {
      if (isOfNow() && (problem === null || ageMs() < PROBLEM_FRESH_MS)) return;
      const enough = new AbortController();
      const late = deps.clock.sleep(CONFIRM_MS, enough.signal).catch(() => undefined); // the check was faster
      await Promise.race([refresh(), late]);
      enough.abort();
    },
    unreachable() {
      const isCurrent = isOfNow();
      if (ageMs() > FRESH_MS || !isCurrent) void refresh();
      if (problem === null || !isCurrent || deps.watcherCount() > 0) return null;
      return {
        level: "error",
        text: `no notification can reach you (${problem})`,
        hint: "Set a notifier in $AO_HOME/config.yaml, or keep `ao inbox` open, which rings the terminal bell.",
      };
    },
  };
}

/** Why no channel works. Null if one does, or if there is no config. */
async function problemOf(deps: Deps, instances: readonly InstanceConfig[]): Promise<string | null> {
  const problems: string[] = [];
  let isReachable = instances.length === 0;
  for (const instance of instances) {
    for (const name of new Set([...instance.routing.urgent, ...instance.routing.action])) {
      if (instance.notifiers[name] === undefined) continue;
      const problem = await problemOfOne(deps, instance, name);
      if (problem === null) isReachable = true;
      else problems.push(`${name}: ${problem.text}`);
    }
  }
  if (isReachable) return null;
  return [...new Set([...problems, ...instances.flatMap(unrouted)])].join("; ") || "no notifier is configured";
}

/** By the channel's own check, which sends nothing to anybody. */
async function problemOfOne(deps: Deps, instance: InstanceConfig, name: string): Promise<Problem | null> {
  const { plugins, clock, stopping, redact } = deps;
  try {
    const notifier = await plugins.notifier(instance, instance.notifiers[name] ?? { plugin: name, options: {} });
    const asking = { whom: "it", timeoutMs: CHECK_MS, clock, signal: stopping };
    const answer = await answerWithin(async (signal) => notifier.check?.({ signal }), asking);
    if (answer?.ok !== false) return null;
    return { name, text: answer.text, ...(answer.hint === undefined ? {} : { hint: answer.hint }) };
  } catch (error) {
    const { message, hint } = toAoError(error);
    return { name, text: redact(message), ...(hint === undefined ? {} : { hint: redact(hint) }) };
  }
}

/** Defined channels to which no urgent and no action notice goes. */
function unrouted({ notifiers, routing }: InstanceConfig): string[] {
  const routed = new Set([...routing.urgent, ...routing.action]);
  const idle = Object.keys(notifiers).filter((name) => !routed.has(name));
  return idle.length === 0 ? [] : [`nothing is routed to ${idle.join(", ")}`];
}
