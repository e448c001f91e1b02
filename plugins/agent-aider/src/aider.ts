import { basename } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { OBSERVED } from "@agent-orchestrator/plugin-kit/agent-defaults";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { checkProgram, examine } from "./examine.ts";
import { readEnd } from "./growing-text.ts";
import { identityEnv } from "./identity.ts";
import { interrupt } from "./interrupt.ts";
import { launchSpec } from "./launch.ts";
import { type AiderOptions, parseOptions } from "./options.ts";
import { hideMaps, placeOf, readLaunched } from "./place.ts";
import { createSessions } from "./sessions.ts";

/** Aider in its terminal. Its chat history, its notifications and its prompt show what it does. */
export function aiderAgent(config: Record<string, unknown>, context?: PluginContext): Agent {
  const given = { ...config, ...context?.project?.agentConfig };
  const options = parseOptions(given);
  const clock = context?.clock ?? systemClock;
  const optionsFor = (own: Record<string, unknown>): AiderOptions => parseOptions({ ...given, ...own });
  const sessions = createSessions({ clock, log: context?.log ?? NO_LOG, optionsFor });
  return {
    ...OBSERVED,
    name: "aider",
    processName: basename(options.command),
    promptDelivery: "post-launch",
    takesInstructions: true,
    receipts: "always",
    isAnimated: true,
    outerMarks: [],
    getLaunchCommand: (launch) => shellJoin(launchSpec(optionsFor(launch.agentConfig), launch)?.argv ?? []),
    async getLaunchSpec(launch) {
      const spec = launchSpec(optionsFor(launch.agentConfig), launch);
      if (spec === null) return null;
      const environment = { ...(launch.environment ?? context?.env() ?? {}), ...spec.env };
      return { ...spec, env: { ...(await identityEnv(launch.workspacePath, environment)), ...spec.env } };
    },
    getEnvironment: () => ({}),
    async preflight({ agentConfig, env, hasScreen }) {
      checkProgram(optionsFor(agentConfig), env);
      if (hasScreen === false) throw blind();
    },
    setupWorkspaceHooks: async (workspacePath) => hideMaps(workspacePath),
    examine: async ({ agentConfig, env }) => examine(optionsFor(agentConfig), env),
    observe: (session, onFact, means) => sessions.observe(session, onFact, means),
    async deliver(session, message, means) {
      return deliver({ present: sessions.presentOf(session), clock }, message, means);
    },
    async answer(session, choice, means) {
      const of = { present: sessions.presentOf(session), place: placeOf(session.sessionDir), clock };
      await answer(of, choice, means);
    },
    async interrupt(session, means) {
      const present = sessions.presentOf(session);
      const awaitsPrompt = readLaunched(placeOf(session.sessionDir).launch)?.awaitsPrompt ?? false;
      const of = { session, present, clock, awaitsPrompt, lastAtMs: present.interruptedAtMs };
      present.interruptedAtMs = await interrupt(of, means);
    },
    async getTranscript(session, { maxBytes }) {
      const end = readEnd(placeOf(session.sessionDir).chat, maxBytes);
      return end === null ? null : fromWholeLine(end, maxBytes);
    },
  };
}

/** Text typed before its prompt is open would answer its next question, and only the screen shows that prompt. */
const blind = (): AoError =>
  new AoError("CONFIG", "aider accepts messages only while its prompt is open, which this runtime cannot show", {
    hint: "Use `runtime: tmux` for this project, or `ao spawn --runtime tmux`.",
  });

const NO_LOG = { debug: () => undefined, warn: () => undefined };

/** A text that was cut at its start begins with a whole line. */
function fromWholeLine(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) < maxBytes) return text;
  return text.slice(text.indexOf("\n") + 1);
}
