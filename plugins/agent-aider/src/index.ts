import { basename } from "node:path";
import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { endOfFile } from "@agent-orchestrator/agent-kit/text-end";
import { createWatches } from "@agent-orchestrator/agent-kit/watches";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal, WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { answer } from "./answer.ts";
import { createPresser } from "./auto-answer.ts";
import { deliver } from "./deliver.ts";
import { interrupt } from "./interrupt.ts";
import { examine, locateAider } from "./launch/examine.ts";
import { identityEnv } from "./launch/identity.ts";
import { launchSpec } from "./launch/launch.ts";
import { hideMaps, makePlace, placeOf, readLaunched } from "./launch/place.ts";
import { manifest } from "./manifest.ts";
import { type AiderOptions, parseOptions } from "./options.ts";
import { Present } from "./present.ts";
import { Teller } from "./teller.ts";
import { Watch } from "./watch.ts";

/** Aider in its terminal. Its chat history, its notifications and its prompt show what it does. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ options, optionsFor, clock, log, context }) {
    const { observe, presentOf } = createSessions({ clock, log, optionsFor });
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

export const { create } = plugin;
export { manifest };
export default plugin;

export interface Sessions {
  observe(session: Session, onFact: (fact: AgentFact) => void, means?: WithTerminal): Promise<AgentObservation>;
  /** What is known about it. Created temporarily if nothing observes it. */
  presentOf(session: Session): Present;
}

const NO_TERMINAL: AgentTerminal = {
  screen: async () => null,
  write: async () => undefined,
  press: async () => undefined,
};

function createSessions(of: {
  clock: Clock;
  log: Log;
  optionsFor(own: Record<string, unknown>): AiderOptions;
}): Sessions {
  const { clock, log } = of;
  const watches = createWatches<Watch>();
  return {
    async observe(session, emit, means) {
      const place = makePlace(session.sessionDir);
      const terminal = means?.terminal ?? NO_TERMINAL;
      const teller = new Teller({ place, clock, emit });
      const present = new Present({ place, clock, onEvent: teller.onEvent, onRead: () => teller.settle() });
      const options = of.optionsFor(session.agentConfig);
      const onAnswered = (question: string, answer: string) => teller.didAnswer(question, answer);
      const presser = createPresser({ place, present, clock, options, terminal, onAnswered });
      const awaitsPrompt = readLaunched(session.sessionDir)?.awaitsPrompt ?? false;
      return watches.keep(session, new Watch({ place, clock, log, terminal, present, teller, presser, awaitsPrompt }));
    },
    presentOf: (session) => watches.get(session)?.present ?? new Present({ place: placeOf(session.sessionDir), clock }),
  };
}
