import { basename } from "node:path";
import { defineAgent } from "@agent-orchestrator/agent-kit/define";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import type { AgentLaunchConfig, AnswerOptions, DeliveryResult } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { isHandleRunning } from "@agent-orchestrator/plugin-kit/handle";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { connectHost, type HostCall } from "./client.ts";
import { examine, locateAgent } from "./examine.ts";
import { launchSpec } from "./launch.ts";
import { folderOf, readSpec, transcriptFile } from "./layout.ts";
import { manifest } from "./manifest.ts";
import { observeHost } from "./observe.ts";
import { commandOf, parseOptions } from "./options.ts";
import { transcriptEnd } from "./transcript-text.ts";

/** Any agent that speaks ACP. Our host is its client, and everything here asks the host. */
const plugin = defineAgent({
  manifest,
  parse: parseOptions,
  agent({ options, optionsFor, clock, log, context }) {
    const spec = (launch: AgentLaunchConfig) =>
      launchSpec(launch, optionsFor(launch.agentConfig), context ?? { socketDir: launch.sessionDir });
    return {
      processName: options.command === undefined ? "acp" : basename(commandOf(options)[0] ?? "acp"),
      promptDelivery: "inline",
      receipts: "always",
      getLaunchCommand: (launch) => shellJoin(spec(launch)?.argv ?? []),
      getLaunchSpec: async (launch) => spec(launch),
      async preflight({ agentConfig, env }) {
        locateAgent(optionsFor(agentConfig), env);
      },
      getEnvironment: (launch) => optionsFor(launch.agentConfig).env,
      async observe(session, onFact, means) {
        const { readyThresholdMs = () => READY_THRESHOLD_MS } = means ?? {};
        return observeHost({ session, clock, log, readyThresholdMs, onFact });
      },
      async deliver(session, message, { signal }): Promise<DeliveryResult> {
        const outcome = await ask(session, { op: "send", id: message.id, text: cleanMessage(message.text) }, signal);
        return outcome === "asking" ? { outcome: "deferred", because: "asking" } : { outcome: "written" };
      },
      answer,
      interrupt: (session, { signal }) => interrupt(session, { clock, signal }),
      getTranscript: async (session, { maxBytes }) =>
        transcriptEnd(transcriptFile(folderOf(session.sessionDir)), maxBytes),
      examine: ({ agentConfig, env }) => examine(optionsFor(agentConfig), env),
    };
  },
});

async function answer(session: Session, choice: string, options: AnswerOptions): Promise<void> {
  const { dialog, number, isAlways, signal } = options;
  await ask(session, { op: "answer", dialog: dialog.id, number, label: choice, isAlways }, signal);
}

/** A host that was just started will listen in a moment. */
const LISTEN_MS = 10_000;
const PAUSE_MS = 100;

interface InterruptMeans {
  clock: Clock;
  signal: AbortSignal | undefined;
}

async function interrupt(session: Session, { clock, signal }: InterruptMeans): Promise<void> {
  const untilMs = clock.monotonic() + LISTEN_MS;
  for (;;) {
    try {
      await ask(session, { op: "cancel" }, signal);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isAoError(error)) throw error;
      const handle = session.runtimeHandle;
      const mayCome = error.code === "UNAVAILABLE" && (handle === null || isHandleRunning(handle));
      if (!mayCome || clock.monotonic() > untilMs) {
        const hint = `\`ao attach ${session.id}\` shows what it does, \`ao kill ${session.id}\` ends it.`;
        throw new AoError(error.code, `it was not interrupted: ${error.message}`, { hint, cause: error });
      }
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

/** Sends one request to this session's host. Throws UNAVAILABLE if there is none. */
async function ask(session: Session, call: HostCall, signal: AbortSignal | undefined): Promise<string> {
  const spec = readSpec(session.sessionDir);
  if (spec === null) throw new AoError("UNAVAILABLE", "the agent was never started");
  const client = await connectHost(spec.socket);
  try {
    return await client.call(call, { signal });
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED" && call.op === "answer") {
      throw new AoError("REFUSED", error.message, {
        hint: `See what is open now: ao show ${session.id}`,
        cause: error,
      });
    }
    throw error;
  } finally {
    client.close();
  }
}

export const { create } = plugin;
export { manifest };
export default plugin;
