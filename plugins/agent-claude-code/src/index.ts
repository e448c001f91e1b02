import { basename } from "node:path";
import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { createWatches } from "@agent-orchestrator/agent-kit/watches";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { interrupt } from "./interrupt.ts";
import { findTranscript } from "./launch/conversation.ts";
import { examine } from "./launch/examine.ts";
import { launchSpec } from "./launch/launch.ts";
import { type LaunchNote, readNote } from "./launch/note.ts";
import { locateClaude } from "./launch/program.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { transcriptText } from "./transcript/text.ts";
import { SessionWatch } from "./watch.ts";

/** Of all agents of this kind: an edited config creates new plugins, and the watches of running sessions stay. */
const watches = createWatches<SessionWatch>();

/** Claude Code. Its status file, hooks and transcript show what it does. Messages are typed, and it confirms them. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ options, optionsFor, clock, log, context }) {
    return {
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
      async preflight({ agentConfig, env }) {
        locateClaude(optionsFor(agentConfig), env);
      },
      examine: ({ agentConfig, env }) =>
        examine({ options: optionsFor(agentConfig), env, folder: context?.project?.path ?? null }),
      observe: async (session, emit, means) => {
        const { terminal = null, readyThresholdMs = () => READY_THRESHOLD_MS } = means ?? {};
        const of = { session, note: noteOf(session), terminal, readyThresholdMs, emit, clock, log };
        return watches.keep(session, new SessionWatch(of));
      },
      deliver: async (session, message, { terminal, signal, isDraftOld = false }) => {
        const watch = await watches.wait(session, { clock, signal });
        return deliver({ session, message, terminal, signal, clock, watch, isDraftOld });
      },
      answer: async (session, choice, how) => {
        const watch = await watches.wait(session, { clock, signal: how.signal });
        await answer({ session, choice, options: how, clock, watch });
      },
      interrupt: async (session, { terminal, signal }) =>
        interrupt({ terminal, signal, clock, watch: await watches.wait(session, { clock, signal }) }),
      async getTranscript({ sessionDir, agentSessionId }, { maxBytes }) {
        const note = readNote(sessionDir);
        const path = note && findTranscript(note.configDir, agentSessionId ?? note.conversation);
        return path === null ? null : transcriptText(path, maxBytes) || null;
      },
    };
  },
});

function noteOf({ sessionDir }: Session): LaunchNote {
  const note = readNote(sessionDir);
  if (note !== null) return note;
  throw new AoError("UNREACHABLE", "there is no record of how this session was started");
}

export const { create } = plugin;
export { manifest };
export default plugin;

/**
 * Variables that Claude Code sets for the programs it starts, as seen in the environment of its shell tool, its hooks and an editor's
 * extension. Only exact names. Anything else that begins with CLAUDE_ is the user's own setting.
 */
const OUTER_MARKS: readonly string[] = [
  "AI_AGENT",
  "CLAUDECODE",
  "CLAUDE_CODE_CHILD_NOTES_DIR",
  "CLAUDE_CODE_CHILD_SESSION",
  "CLAUDE_CODE_ENTRYPOINT",
  "CLAUDE_CODE_EXECPATH",
  "CLAUDE_CODE_MESSAGING_SOCKET",
  "CLAUDE_CODE_MESSAGING_TOKEN",
  "CLAUDE_CODE_SESSION_ATTENDED",
  "CLAUDE_CODE_SESSION_ID",
  "CLAUDE_CODE_SSE_PORT",
  "CLAUDE_EFFORT",
  "CLAUDE_ENV_FILE",
  "CLAUDE_PID",
  "CLAUDE_PLUGIN_DATA",
  "CLAUDE_PLUGIN_ROOT",
  "CLAUDE_PROJECT_DIR",
];
