import { appendFileSync } from "node:fs";
import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import type { AgentAtWork } from "@agent-orchestrator/testkit/contracts/agent-at-work";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { onTestFinished } from "vitest";
import { create } from "./index.ts";
import { Stage } from "./testing/stage.ts";

const DECISIONS = ["accept", "acceptForSession", "cancel"];

/** The stand-in of its app server, which confirms each message. */
async function atWork(): Promise<AgentAtWork> {
  const stage = await Stage.open();
  onTestFinished(() => stage.close());
  await stage.untilState("ready");
  await stage.unwatch();
  const { server } = stage;
  const started = () => server.callsOf("turn/start");
  server.onTurnStart = () => {
    const { clientUserMessageId: clientId, input: content } = started().at(-1) ?? {};
    setTimeout(() => server.tell("item/completed", { item: { type: "userMessage", id: "i", clientId, content } }), 0);
    return { result: {} };
  };
  const turn = (status: string) => ({ turn: { id: "turn-1", status } });
  return {
    agent: create({}, pluginContext()),
    session: stage.session,
    terminal: stage.terminal,
    work() {
      server.setStatus({ type: "active", activeFlags: [] });
      server.tell("turn/started", turn("inProgress"));
    },
    rest() {
      server.tell("turn/completed", turn("completed"));
      server.setStatus({ type: "idle" });
    },
    ask: () =>
      server.ask(7, "item/commandExecution/requestApproval", {
        ...{ itemId: "call_1", kind: "command", command: "/bin/bash -lc 'rm x'", startedAtMs: 1 },
        availableDecisions: DECISIONS,
      }),
    answers: () => server.answers(),
    messages: ["the first", "the second"],
    received: () => started().map(({ input }) => (input as { text: string }[]).map(({ text }) => text).join("|")),
    interrupts: () => server.callsOf("turn/interrupt").length,
    say(words) {
      const payload = { type: "message", role: "assistant", content: [{ type: "output_text", text: words }] };
      appendFileSync(stage.rollout, `${JSON.stringify({ type: "response_item", payload })}\n`);
    },
  };
}

agentContract("codex", { create: () => create({}), atWork });
