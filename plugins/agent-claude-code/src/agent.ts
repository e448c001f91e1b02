import { basename } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import type { Agent, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, Session } from "@agent-orchestrator/core/slots/common";
import { OBSERVED } from "@agent-orchestrator/plugin-kit/agent-defaults";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { examine } from "./examine.ts";
import { interrupt } from "./interrupt.ts";
import { launchSpec } from "./launch.ts";
import { readNote } from "./launch-note.ts";
import { OUTER_MARKS } from "./marks.ts";
import { parseOptions } from "./options.ts";
import { findTranscript } from "./places.ts";
import { locate } from "./program.ts";
import { bringBack } from "./put-aside.ts";
import { transcriptText } from "./transcript-text.ts";
import { SessionWatch } from "./watch.ts";
import type { WatchOptions } from "./watch-options.ts";
import { watches, watchOf } from "./watches.ts";

/** Claude Code. Its status file, hooks and transcript show what it does. Messages are typed, and it confirms them. */
export function claudeAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  const options = parseOptions(given);
  const optionsFor = (own: Record<string, unknown>) => parseOptions({ ...given, ...own });
  const clock = context?.clock ?? systemClock;
  const log = context?.log ?? { debug: () => undefined, warn: () => undefined };
  return {
    ...OBSERVED,
    name: "claude-code",
    processName: basename(options.command[0]),
    promptDelivery: "inline",
    lifetime: "interactive",
    takesInstructions: true,
    receipts: "always",
    isAnimated: true,
    outerMarks: OUTER_MARKS,
    interruptKeys: ["Escape"],
    getLaunchCommand: (launch) => shellJoin(launchSpec(optionsFor(launch.agentConfig), launch)?.argv ?? []),
    getLaunchSpec: async (launch) => launchSpec(optionsFor(launch.agentConfig), launch),
    getEnvironment: () => ({}),
    async preflight({ agentConfig, env }) {
      locate(optionsFor(agentConfig), env);
    },
    examine: ({ agentConfig, env }) =>
      examine({ options: optionsFor(agentConfig), env, folder: context?.project?.path ?? null }),
    async getTranscript(session, { maxBytes }) {
      const path = transcriptOf(session);
      return path === null ? null : transcriptText(path, maxBytes) || null;
    },
    deliver: async (session, message, { terminal, signal, isDraftOld = false }) => {
      const watch = await watchOf(session, clock, signal);
      return deliver({ session, message, terminal, signal, clock, watch, isDraftOld });
    },
    answer: async (session, choice, how) =>
      answer({ session, choice, options: how, clock, watch: await watchOf(session, clock, how.signal) }),
    interrupt: async (session, { terminal, signal }) =>
      interrupt({ terminal, signal, clock, watch: await watchOf(session, clock, signal) }),
    observe: async (session, emit, means) => {
      const { terminal = null, readyThresholdMs = () => READY_THRESHOLD_MS } = means ?? {};
      return observe({ session, emit, terminal, readyThresholdMs, clock, log });
    },
  };
}

type Observing = Omit<WatchOptions, "note" | "pid">;

function observe(observing: Observing): AgentObservation {
  const { session } = observing;
  const note = readNote(session.sessionDir);
  if (note === null) throw new AoError("UNREACHABLE", "there is no record of how this session was started");
  const pid = session.runtimeHandle?.data.pid;
  const watch = new SessionWatch({ ...observing, note, pid: typeof pid === "number" ? pid : null });
  const { terminal, clock } = observing;
  const aside = bringBack({ terminal, clock, pid: () => watch.pid });
  watches.set(session.sessionDir, watch);
  return {
    hint({ kind }) {
      if (kind === "output") watch.outputSeen();
      if (kind === "human-input") aside.humanTyped();
    },
    async stop() {
      aside.stop();
      if (watches.get(session.sessionDir) === watch) watches.delete(session.sessionDir);
      await watch.stop();
    },
  };
}

function transcriptOf({ sessionDir, agentSessionId }: Session): string | null {
  const note = readNote(sessionDir);
  return note === null ? null : findTranscript(note.configDir, agentSessionId ?? note.conversation);
}
