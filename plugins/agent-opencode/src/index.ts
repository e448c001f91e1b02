import { basename } from "node:path";
import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { createWatches } from "@agent-orchestrator/agent-kit/watches";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { INTERRUPT_KEYS, interrupt } from "./interrupt.ts";
import { examine, locateOpenCode } from "./launch/examine.ts";
import { type LaunchMeans, launchSpec } from "./launch/launch.ts";
import { readRecord } from "./launch/record.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { transcript } from "./transcript.ts";
import { Watch } from "./watch.ts";

/** OpenCode, controlled through the HTTP server inside its terminal program. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ options, optionsFor, clock, log, context }) {
    const watches = createWatches<Watch>();
    const ports = new Map<string, number>();
    const meansFor = (launch: AgentLaunchConfig): LaunchMeans => ({
      options: optionsFor(launch.agentConfig),
      environment: context?.env() ?? {},
      isTaken: (port) => [...ports].some(([dir, each]) => each === port && dir !== launch.sessionDir),
      warn: (text) => log.warn(text),
      clock,
    });
    return {
      processName: basename(options.command),
      promptDelivery: "inline",
      lifetime: "interactive",
      receipts: "always",
      isAnimated: true,
      takesInstructions: true,
      outerMarks: ["OPENCODE", "OPENCODE_PID"],
      interruptKeys: INTERRUPT_KEYS,
      async getLaunchSpec(launch) {
        const spec = await launchSpec(launch, meansFor(launch));
        const port = readRecord(launch.sessionDir)?.port;
        if (port !== undefined) ports.set(launch.sessionDir, port);
        return spec;
      },
      async preflight({ agentConfig, env }) {
        locateOpenCode(optionsFor(agentConfig), env);
      },
      examine: ({ agentConfig, env }) => examine(optionsFor(agentConfig), env),
      observe: async (session, emit, means) =>
        watches.keep(session, new Watch({ session, emit, terminal: means?.terminal ?? null, clock, log })),
      deliver: (session, message, call) => deliver({ session, message, clock, ...call }),
      async answer(session, choice, { dialog, number, isAlways, signal }) {
        const watch = watches.get(session);
        const known = watch?.seen?.asks.get(dialog.id.split("/")[0] ?? "") ?? null;
        await answer({ session, dialog, choice, number, isAlways, known, clock, signal });
        watch?.reconsider();
      },
      interrupt: (session, { signal, terminal }) => interrupt(session, { clock, signal, terminal }),
      getTranscript: (session, { maxBytes }) => transcript(session, { clock, maxBytes }),
    };
  },
});

export const { create } = plugin;
export { manifest };
export default plugin;
