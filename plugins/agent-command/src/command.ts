import { basename } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { isHandleRunning } from "@agent-orchestrator/plugin-kit/handle";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { checkProgram, launchSpec } from "./launch.ts";
import { type Options, parseOptions } from "./options.ts";
import { quietWatch } from "./quiet.ts";

const READY_THRESHOLD_MS = 300_000;
/** A last line that clearly asks. Anything older on the screen has been answered or scrolled past. */
const ASKS = /(\[y\/n\]|\(y\/n\)|\(yes\/no\)|password( for [^:]*)?:)\s*$/i;

/** Any program as an agent. Its process, its output and its commits show what it does. It gives no receipts. */
export function commandAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  const options = parseOptions(given);
  const watch = quietWatch(context?.clock ?? systemClock);
  const optionsFor = (own: Record<string, unknown>): Options => parseOptions({ ...given, ...own });
  const spec = (launch: AgentLaunchConfig) => launchSpec(optionsFor(launch.agentConfig), launch, context?.env().HOME);
  return {
    name: "command",
    processName: basename(options.command?.[0] ?? "command"),
    promptDelivery: options.promptDelivery,
    lifetime: options.lifetime,
    receipts: "never",
    outerMarks: [],
    getLaunchCommand: (launch) => shellJoin(spec(launch)?.argv ?? []),
    getLaunchSpec: async (launch) => spec(launch),
    async preflight({ agentConfig, env }) {
      checkProgram(optionsFor(agentConfig), env, context?.project?.path);
    },
    getEnvironment: (launch) => environment(launch),
    detectActivity: (output) => (ASKS.test(output.trimEnd().split("\n").at(-1) ?? "") ? "waiting_input" : "unknown"),
    async getActivityState(session, readyThresholdMs) {
      const activity = watch.look(session.id, readyThresholdMs);
      if (activity === null) return null;
      const { state, since, source, evidence } = activity;
      return { state, timestamp: since, source, evidence };
    },
    isProcessRunning: async (handle) => isHandleRunning(handle),
    getSessionInfo: async () => null,
    async observe(session, onFact, means) {
      const { quietMs } = optionsFor(session.agentConfig);
      const isPerTurn = options.lifetime === "per-turn";
      const screen = async () => {
        const shown = await means?.terminal.screen();
        return shown && isReadable(shown) ? shown.rows : null;
      };
      return watch.observe({ session, quietMs, readyThresholdMs: READY_THRESHOLD_MS, isPerTurn, onFact, screen });
    },
  };
}

/** Names of files, never their text, because an environment is small and others can read it. */
function environment({ promptFile, resume }: AgentLaunchConfig): Record<string, string> {
  return {
    ...(promptFile === undefined ? {} : { AO_PROMPT_FILE: promptFile }),
    ...(resume?.messageFile === undefined ? {} : { AO_MESSAGE_FILE: resume.messageFile }),
  };
}
