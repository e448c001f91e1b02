import { basename } from "node:path";
import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { endOfFile } from "@agent-orchestrator/agent-kit/text-end";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { examine, locateAider } from "./examine.ts";
import { identityEnv } from "./identity.ts";
import { interrupt } from "./interrupt.ts";
import { launchSpec } from "./launch.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { hideMaps, placeOf, readLaunched } from "./place.ts";
import { readScreen } from "./screen.ts";
import { createSessions } from "./sessions.ts";

/** Aider in its terminal. Its chat history, its notifications and its prompt show what it does. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ options, optionsFor, clock, log, context }) {
    const { observe, presentOf, infoOf, activityOf } = createSessions({ clock, log, optionsFor });
    return {
      processName: basename(options.command),
      promptDelivery: "post-launch",
      takesInstructions: true,
      receipts: "always",
      isAnimated: true,
      getLaunchCommand: (launch) => shellJoin(launchSpec(optionsFor(launch.agentConfig), launch)?.argv ?? []),
      async getLaunchSpec(launch) {
        const spec = launchSpec(optionsFor(launch.agentConfig), launch);
        if (spec === null) return null;
        const environment = { ...(launch.environment ?? context?.env() ?? {}), ...spec.env };
        return { ...spec, env: { ...(await identityEnv(launch.workspacePath, environment)), ...spec.env } };
      },
      async preflight({ agentConfig, env, hasScreen }) {
        locateAider(optionsFor(agentConfig), env);
        if (hasScreen === false) throw blind();
      },
      setupWorkspaceHooks: async (workspacePath) => hideMaps(workspacePath),
      examine: async ({ agentConfig, env }) => examine(optionsFor(agentConfig), env),
      detectActivity: (output) => stateOf(output),
      activityOf,
      getSessionInfo: async (session) => infoOf(session),
      observe,
      async deliver(session, message, means) {
        return deliver({ present: presentOf(session), clock }, message, means);
      },
      async answer(session, choice, means) {
        const of = { present: presentOf(session), place: placeOf(session.sessionDir), clock };
        await answer(of, choice, means);
      },
      async interrupt(session, means) {
        const present = presentOf(session);
        const awaitsPrompt = readLaunched(session.sessionDir)?.awaitsPrompt ?? false;
        const of = { session, present, clock, awaitsPrompt, lastAtMs: present.interruptedAtMs };
        present.interruptedAtMs = await interrupt(of, means);
      },
      getTranscript: async ({ sessionDir }, { maxBytes }) => endOfFile(placeOf(sessionDir).chat, maxBytes),
    };
  },
});

/** Text typed before its prompt is open would answer its next question, and only the screen shows that prompt. */
const blind = (): AoError =>
  new AoError("CONFIG", "aider accepts messages only while its prompt is open, which this runtime cannot show", {
    hint: "Use `runtime: tmux` for this project, or `ao spawn --runtime tmux`.",
  });

/** From the last lines only. No answer is better than a guess. */
function stateOf(output: string): ReturnType<Agent["detectActivity"]> {
  const reading = readScreen({ rows: output.slice(-20_000).split("\n"), cursor: null });
  if (reading.kind === "confirm") return "waiting_input";
  return reading.kind === "prompt" ? "ready" : "unknown";
}

export const { create } = plugin;
export { manifest };
export default plugin;
