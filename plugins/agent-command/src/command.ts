import { basename } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import type { Agent, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { OBSERVED } from "@agent-orchestrator/plugin-kit/agent-defaults";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { checkProgram, launchSpec } from "./launch.ts";
import { type Options, parseOptions } from "./options.ts";
import { quietWatch } from "./quiet.ts";

/** Any program as an agent. Its process, its output and its commits show what it does. It gives no receipts. */
export function commandAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  const options = parseOptions(given);
  const watch = quietWatch(context?.clock ?? systemClock);
  const optionsFor = (own: Record<string, unknown>): Options => parseOptions({ ...given, ...own });
  const spec = (launch: AgentLaunchConfig) => launchSpec(optionsFor(launch.agentConfig), launch, context?.env().HOME);
  return {
    ...OBSERVED,
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
    async observe(session, onFact, means) {
      const { quietMs } = optionsFor(session.agentConfig);
      const isPerTurn = options.lifetime === "per-turn";
      const screen = async () => {
        const shown = await means?.terminal.screen();
        return shown && isReadable(shown) ? shown.rows : null;
      };
      const readyThresholdMs = means?.readyThresholdMs ?? (() => READY_THRESHOLD_MS);
      return watch.observe({ session, quietMs, readyThresholdMs, isPerTurn, onFact, screen });
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
