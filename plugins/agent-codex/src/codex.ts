import { systemClock } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Agent, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { PluginContext, RuntimeHandle, Session } from "@agent-orchestrator/core/slots/common";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { examine } from "./examine.ts";
import { interrupt } from "./interrupt.ts";
import { launchSpec } from "./launch.ts";
import { type Link, type LinkOptions, openLink } from "./link.ts";
import { parseOptions } from "./options.ts";
import { locate, missing } from "./program.ts";
import { readLaunch, readThread } from "./record.ts";
import { tailOf, transcriptOf } from "./rollout.ts";
import { readScreen } from "./screen.ts";

/** Variables that an outer Codex leaves in what it runs. */
export const OUTER_MARKS = [
  "CODEX_CI",
  "CODEX_SANDBOX",
  "CODEX_SANDBOX_NETWORK_DISABLED",
  "CODEX_SESSION_ID",
  "CODEX_THREAD_ID",
  "CODEX_TOOL_CALL_ID",
  "CODEX_VERSION",
  "CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS",
  "CODEX_NETWORK_PROXY_ACTIVE",
  "CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
  "CODEX_MANAGED_BY_NPM",
  "CODEX_MANAGED_BY_PNPM",
  "CODEX_MANAGED_BY_BUN",
  "CODEX_MANAGED_BY_VITE_PLUS",
  "CODEX_MANAGED_PACKAGE_ROOT",
] as const;

/** OpenAI Codex: its terminal program for the human, and its app server, on the same conversation, for us. */
export function codexAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  parseOptions(given);
  const clock = context?.clock ?? systemClock;
  const log = context?.log ?? { debug: () => undefined, warn: () => undefined };
  const links = new Map<string, Link>();
  const optionsFor = (own: Record<string, unknown>) => parseOptions({ ...given, ...own });
  const envOf = (launch: AgentLaunchConfig) => launch.environment ?? context?.env() ?? {};

  function linkOf(session: Session, terminal: AgentTerminal, onFact: LinkOptions["onFact"] = () => undefined): Link {
    const known = links.get(session.id);
    if (known !== undefined) return known;
    const record = readLaunch(session.sessionDir);
    if (record === null) throw new AoError("UNAVAILABLE", `${session.id} was not started by this plugin`);
    return openLink({ session, record, terminal, clock, log, onFact });
  }

  /** The link of whoever observes; else one for this call only. */
  async function withLink<T>(session: Session, terminal: AgentTerminal, use: (link: Link) => Promise<T>): Promise<T> {
    const link = linkOf(session, terminal);
    try {
      return await use(link);
    } finally {
      if (links.get(session.id) !== link) await link.stop();
    }
  }

  return {
    name: "codex",
    processName: "codex",
    promptDelivery: "inline",
    lifetime: "interactive",
    takesInstructions: true,
    receipts: "always",
    canResume: true,
    outerMarks: OUTER_MARKS,
    interruptKeys: ["Escape"],
    getLaunchCommand: ({ workspacePath, agentConfig }) =>
      shellJoin([optionsFor(agentConfig).command, "-C", workspacePath]),
    getLaunchSpec: (launch) => {
      const socketDir = context?.socketDir ?? launch.sessionDir;
      const options = optionsFor(launch.agentConfig);
      return launchSpec({ options, config: launch, env: envOf(launch), socketDir, nowMs: clock.now() });
    },
    getEnvironment: (launch) => optionsFor(launch.agentConfig).env,
    async preflight({ agentConfig, env }) {
      const { command, env: own } = optionsFor(agentConfig);
      if (locate(command, { ...env, ...own }) === null) throw missing(command);
    },
    examine: ({ agentConfig, env }) => examine({ options: optionsFor(agentConfig), env }),
    detectActivity: (output) => readScreen({ rows: output.split("\n"), title: null }).state,
    async getActivityState(session) {
      const activity = links.get(session.id)?.teller.activity ?? null;
      if (activity === null) return null;
      const { state, since, source, evidence } = activity;
      return { state, timestamp: since, source, evidence };
    },
    isProcessRunning: async (handle) => isHandleRunning(handle),
    async getSessionInfo(session) {
      const thread = readThread(session.sessionDir);
      return thread === null ? null : { summary: thread.summary, agentSessionId: thread.id, cost: null };
    },
    async getTranscript(session, { maxBytes }) {
      const path = readThread(session.sessionDir)?.path ?? null;
      if (path === null) return null;
      // Half of a record is not conversation.
      const text = transcriptOf(await tailOf(path, Math.max(maxBytes * 4, 1 << 20)));
      return text === ""
        ? null
        : Buffer.from(text)
            .subarray(-maxBytes)
            .toString("utf8")
            .replace(/^\ufffd+/, "");
    },
    async observe(session, onFact, means) {
      await links.get(session.id)?.stop();
      links.delete(session.id);
      const terminal = means?.terminal ?? BLIND;
      const link = linkOf(session, terminal, onFact);
      links.set(session.id, link);
      return {
        hint: (fact) => link.hint(fact),
        async stop() {
          if (links.get(session.id) === link) links.delete(session.id);
          await link.stop();
        },
      };
    },
    deliver: (session, message, { terminal, signal }) =>
      withLink(session, terminal, (link) => deliver(link, message, { clock, signal })),
    answer: (session, choice, { terminal, ...options }) =>
      withLink(session, terminal, (link) => answer(link, choice, { ...options, terminal, clock })),
    interrupt: (session, { terminal, signal }) =>
      withLink(session, terminal, (link) => interrupt(link, { terminal, clock, signal })),
  };
}

const BLIND: AgentTerminal = {
  screen: async () => null,
  write: async () => undefined,
  press: async () => undefined,
};

function isHandleRunning({ data: { pid, startId }, runtimeName }: RuntimeHandle): boolean {
  if (typeof pid === "number" && typeof startId === "string") return isRunning({ pid, startId });
  throw new AoError("UNREACHABLE", `the runtime ${runtimeName} does not tell which process this is`, {
    hint: "Its getProcess knows.",
  });
}
