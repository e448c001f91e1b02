import { basename } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Log, PluginContext } from "@agent-orchestrator/core/slots/common";
import { OBSERVED } from "@agent-orchestrator/plugin-kit/agent-defaults";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { examine } from "./examine.ts";
import { INTERRUPT_KEYS, interrupt } from "./interrupt.ts";
import { directoryOf, type LaunchMeans, launchSpec } from "./launch.ts";
import { type OpenCodeOptions, parseOptions } from "./options.ts";
import { missing } from "./program.ts";
import { readRecord } from "./record.ts";
import { transcript } from "./transcript.ts";
import { Watch } from "./watch.ts";

/** OpenCode, controlled through the HTTP server inside its terminal program. */
export function openCodeAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  const options = parseOptions(given);
  const clock = context?.clock ?? systemClock;
  const ports = new Map<string, number>();
  const optionsFor = (own: Record<string, unknown>): OpenCodeOptions => parseOptions({ ...given, ...own });
  const meansFor = (launch: AgentLaunchConfig): LaunchMeans => ({
    options: optionsFor(launch.agentConfig),
    environment: context?.env() ?? {},
    isTaken: (port) => [...ports].some(([dir, each]) => each === port && dir !== launch.sessionDir),
    warn: (text) => context?.log.warn(text),
    clock,
  });
  return {
    ...OBSERVED,
    name: "opencode",
    processName: basename(options.command),
    promptDelivery: "inline",
    lifetime: "interactive",
    receipts: "always",
    isAnimated: true,
    takesInstructions: true,
    outerMarks: ["OPENCODE", "OPENCODE_PID"],
    interruptKeys: INTERRUPT_KEYS,
    getLaunchCommand: (launch) => shellJoin([optionsFor(launch.agentConfig).command, directoryOf(launch)]),
    async getLaunchSpec(launch) {
      const spec = await launchSpec(launch, meansFor(launch));
      const port = readRecord(launch.sessionDir)?.port;
      if (port !== undefined) ports.set(launch.sessionDir, port);
      return spec;
    },
    getEnvironment: () => ({}),
    async preflight({ agentConfig, env }) {
      const own = optionsFor(agentConfig);
      if (findProgram(own.command, { ...env, ...own.env }) === null) throw missing(own.command);
    },
    deliver: (session, message, call) => deliver({ session, message, clock, ...call }),
    interrupt: (session, { signal, terminal }) => interrupt(session, { clock, signal, terminal }),
    getTranscript: (session, { maxBytes }) => transcript(session, { clock, maxBytes }),
    examine: ({ agentConfig, env }) => examine(optionsFor(agentConfig), env),
    ...watching(clock, context?.log ?? { debug: () => undefined, warn: () => undefined }),
  };
}

/** The methods that need to know what is going on. */
function watching(clock: Clock, log: Log): Pick<Agent, "observe" | "answer"> {
  const watches = new Map<string, Watch>();
  return {
    async observe(session, onFact, means) {
      const watch = new Watch({ session, emit: onFact, terminal: means?.terminal ?? null, clock, log });
      watches.set(session.id, watch);
      return {
        hint: (fact) => watch.hint(fact),
        async stop() {
          if (watches.get(session.id) === watch) watches.delete(session.id);
          await watch.stop();
        },
      };
    },
    async answer(session, choice, { dialog, number, isAlways, signal }) {
      const watch = watches.get(session.id);
      const known = watch?.seen?.asks.get(dialog.id.split("/")[0] ?? "") ?? null;
      await answer({ session, dialog, choice, number, isAlways, known, clock, signal });
      watch?.reconsider();
    },
  };
}
