import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { endOfFile, endOfText } from "@agent-orchestrator/agent-kit/text-end";
import { createWatches } from "@agent-orchestrator/agent-kit/watches";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { interrupt } from "./interrupt.ts";
import { examine, locateCodex } from "./launch/examine.ts";
import { launchSpec } from "./launch/launch.ts";
import { readLaunch, readThread } from "./launch/record.ts";
import { neverStarted } from "./launch/setup.ts";
import { type Link, openLink } from "./link.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { transcriptOf } from "./transcript/rollout.ts";

/** OpenAI Codex: its terminal program for the user and its app server for us, on the same conversation. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ optionsFor, clock, log, context }) {
    const { links, open, use } = linking(clock, log);
    return {
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
      getLaunchSpec: async (launch) => {
        const options = optionsFor(launch.agentConfig);
        return launchSpec({
          options,
          config: launch,
          env: { ...(launch.environment ?? context?.env()), ...options.env },
          socketDir: context?.socketDir ?? launch.sessionDir,
          aoHome: context?.home ?? null,
          nowMs: clock.now(),
        });
      },
      getEnvironment: (launch) => optionsFor(launch.agentConfig).env,
      async preflight({ agentConfig, env }) {
        const options = optionsFor(agentConfig);
        locateCodex(options, env);
        const unready = neverStarted({ ...env, ...options.env });
        if (unready !== null) throw unready;
      },
      examine: ({ agentConfig, env }) =>
        examine({ options: optionsFor(agentConfig), env, repository: context?.project?.path ?? null }),
      async observe(session, onFact, means) {
        await links.get(session)?.stop();
        return links.keep(session, open(session, means?.terminal ?? null, onFact));
      },
      deliver: (session, message, { terminal, signal, isDraftOld }) =>
        use(session, terminal, (link) => deliver(link, message, { terminal, clock, signal, isDraftOld })),
      answer: (session, choice, options) =>
        use(session, options.terminal, (link) => answer(link, choice, { ...options, clock })),
      interrupt: (session, { terminal, signal }) =>
        use(session, terminal, (link) => interrupt(link, { terminal, clock, signal })),
      getTranscript: async ({ sessionDir }, { maxBytes }) =>
        transcriptEnd(readThread(sessionDir)?.path ?? null, maxBytes),
    };
  },
});

/** The links of all sessions that are observed. */
function linking(clock: Clock, log: Log) {
  const links = createWatches<Link>();

  function open(session: Session, terminal: AgentTerminal | null, onFact: (fact: AgentFact) => void): Link {
    const record = readLaunch(session.sessionDir);
    if (record === null) throw new AoError("UNAVAILABLE", `${session.id} was not started by the agent \`codex\``);
    return openLink({ session, record, terminal, clock, log, onFact });
  }

  /** With the observer's link, or one for this call only. */
  async function use<T>(session: Session, terminal: AgentTerminal, call: (link: Link) => Promise<T>): Promise<T> {
    const known = links.get(session);
    if (known !== undefined) return await call(known);
    const link = open(session, terminal, () => undefined);
    try {
      return await call(link);
    } finally {
      await link.stop();
    }
  }

  return { links, open, use };
}

/** Most of a record is only for the model. */
const RECORD_PER_TEXT = 4;

function transcriptEnd(path: string | null, maxBytes: number): string | null {
  const record = path === null ? null : endOfFile(path, Math.max(maxBytes * RECORD_PER_TEXT, 1 << 20));
  return record === null ? null : endOfText(transcriptOf(record), maxBytes) || null;
}

export const { create } = plugin;
export { manifest };
export default plugin;

/** Variables that an outer Codex sets for what it runs, by exact name. Keys, endpoints and CODEX_HOME are the user's and stay. */
const OUTER_MARKS = [
  "CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS",
  "CODEX_CI",
  "CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
  "CODEX_MANAGED_BY_BUN",
  "CODEX_MANAGED_BY_NPM",
  "CODEX_MANAGED_BY_PNPM",
  "CODEX_MANAGED_BY_VITE_PLUS",
  "CODEX_MANAGED_PACKAGE_ROOT",
  "CODEX_NETWORK_PROXY_ACTIVE",
  "CODEX_SANDBOX",
  "CODEX_SANDBOX_NETWORK_DISABLED",
  "CODEX_SESSION_ID",
  "CODEX_THREAD_ID",
  "CODEX_TOOL_CALL_ID",
  "CODEX_VERSION",
] as const;
