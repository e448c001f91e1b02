import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, Session } from "@agent-orchestrator/core/slots/common";
import { OBSERVED } from "@agent-orchestrator/plugin-kit/agent-defaults";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { examine } from "./examine.ts";
import { interrupt } from "./interrupt.ts";
import { launchSpec } from "./launch.ts";
import { createLinks } from "./links.ts";
import { parseOptions } from "./options.ts";
import { OUTER_MARKS } from "./outer-marks.ts";
import { missing } from "./program.ts";
import { readThread } from "./record.ts";
import { tailOf, transcriptOf } from "./rollout.ts";
import { neverStarted } from "./setup.ts";

/** OpenAI Codex: its terminal program for the user and its app server for us, on the same conversation. */
export function codexAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  parseOptions(given);
  const clock = context?.clock ?? systemClock;
  const links = createLinks(clock, context?.log ?? { debug: () => undefined, warn: () => undefined });
  const optionsFor = (own: Record<string, unknown>) => parseOptions({ ...given, ...own });
  return {
    ...OBSERVED,
    ...TRAITS,
    ...launching(optionsFor, context),
    examine: ({ agentConfig, env }) =>
      examine({ options: optionsFor(agentConfig), env, repository: context?.project?.path ?? null }),
    getTranscript,
    observe: (session, onFact, means) => links.observe(session, onFact, means?.terminal ?? null),
    deliver: (session, message, { terminal, signal, isDraftOld }) =>
      links.use(session, terminal, (link) => deliver(link, message, { terminal, clock, signal, isDraftOld })),
    answer: (session, choice, options) =>
      links.use(session, options.terminal, (link) => answer(link, choice, { ...options, clock })),
    interrupt: (session, { terminal, signal }) =>
      links.use(session, terminal, (link) => interrupt(link, { terminal, clock, signal })),
  };
}

const TRAITS = {
  name: "codex",
  processName: "codex",
  promptDelivery: "inline",
  lifetime: "interactive",
  takesInstructions: true,
  receipts: "always",
  isAnimated: true,
  canResume: true,
  outerMarks: OUTER_MARKS,
  // Not Ctrl-C, which ends the program at an empty input box.
  interruptKeys: ["Escape"],
} satisfies Partial<Agent>;

function launching(
  optionsFor: (own: Record<string, unknown>) => ReturnType<typeof parseOptions>,
  context: PluginContext | undefined,
): Pick<Agent, "getLaunchCommand" | "getLaunchSpec" | "getEnvironment" | "preflight"> {
  const clock = context?.clock ?? systemClock;
  const envOf = (launch: AgentLaunchConfig) => launch.environment ?? context?.env() ?? {};
  return {
    getLaunchCommand: ({ workspacePath, agentConfig }) =>
      shellJoin([optionsFor(agentConfig).command, "-C", workspacePath]),
    getLaunchSpec: async (launch) =>
      launchSpec({
        options: optionsFor(launch.agentConfig),
        config: launch,
        env: { ...envOf(launch), ...optionsFor(launch.agentConfig).env },
        socketDir: context?.socketDir ?? launch.sessionDir,
        aoHome: context?.home ?? null,
        nowMs: clock.now(),
      }),
    getEnvironment: (launch) => optionsFor(launch.agentConfig).env,
    async preflight({ agentConfig, env }) {
      const { command, env: own } = optionsFor(agentConfig);
      if (findProgram(command, { ...env, ...own }) === null) throw missing(command);
      const unready = neverStarted({ ...env, ...own });
      if (unready !== null) throw unready;
    },
  };
}

/** Most of a record is only for the model. */
const RECORD_PER_TEXT = 4;

async function getTranscript({ sessionDir }: Session, { maxBytes }: { maxBytes: number }): Promise<string | null> {
  const path = readThread(sessionDir)?.path ?? null;
  if (path === null) return null;
  const text = transcriptOf(await tailOf(path, Math.max(maxBytes * RECORD_PER_TEXT, 1 << 20)));
  // The cut may be inside a character.
  return text === ""
    ? null
    : Buffer.from(text)
        .subarray(-maxBytes)
        .toString("utf8")
        .replace(/^\ufffd+/, "");
}
