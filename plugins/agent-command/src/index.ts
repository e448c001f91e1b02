import { basename } from "node:path";
import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { locate } from "@agent-orchestrator/agent-kit/examine";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { launchSpec, noCommand } from "./launch.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { quietWatch } from "./quiet.ts";

/** Any program as an agent. Its process, its output and its commits show what it does. It gives no receipts. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ options, optionsFor, clock, context }) {
    const watch = quietWatch(clock);
    const spec = (launch: AgentLaunchConfig) => launchSpec(optionsFor(launch.agentConfig), launch, context?.env().HOME);
    return {
      processName: basename(options.command?.[0] ?? "command"),
      promptDelivery: options.promptDelivery,
      lifetime: options.lifetime,
      receipts: "never",
      getLaunchCommand: (launch) => shellJoin(spec(launch)?.argv ?? []),
      getLaunchSpec: async (launch) => spec(launch),
      async preflight({ agentConfig, env }) {
        const command = optionsFor(agentConfig).command?.[0];
        if (command === undefined) throw noCommand();
        locate({ command, env, project: context?.project?.path });
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
  },
});

/** Names of files, never their text, because an environment is small and others can read it. */
function environment({ promptFile, resume }: AgentLaunchConfig): Record<string, string> {
  return {
    ...(promptFile === undefined ? {} : { AO_PROMPT_FILE: promptFile }),
    ...(resume?.messageFile === undefined ? {} : { AO_MESSAGE_FILE: resume.messageFile }),
  };
}

export const { create } = plugin;
export { manifest };
export default plugin;
