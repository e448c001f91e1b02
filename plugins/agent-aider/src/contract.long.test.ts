// SIMULATED: its program is a stand-in, written from Aider's source (0.86).

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import type { AgentAtWork } from "@agent-orchestrator/testkit/contracts/agent-at-work";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { onTestFinished } from "vitest";
import { create } from "./index.ts";
import { placeOf } from "./launch/place.ts";
import { bench } from "./testing/bench.ts";

/** The stand-in in a terminal of its own, with a scripted model. */
async function atWork(): Promise<AgentAtWork> {
  const { agent, session, terminal, repo, start } = await bench();
  await start();
  let count = 0;
  let interrupts = 0;
  const send = (text: string, message: OutgoingMessage = { id: `stage-${++count}`, text }) =>
    waitFor(async () => (await agent.deliver(session, message, { terminal })).outcome !== "deferred", {
      timeoutMs: 20_000,
      what: `its prompt, for ${text}`,
    });
  const chat = () => {
    const file = placeOf(session.sessionDir).chat;
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  return {
    agent,
    session,
    terminal: {
      ...terminal,
      async press(keys, options) {
        if (keys.includes("C-c")) interrupts += 1;
        await terminal.press(keys, options);
      },
    },
    onObserved(hint) {
      const ticking = setInterval(hint, 200);
      onTestFinished(() => clearInterval(ticking));
    },
    work: () => send("%%slow 3 ;; %%say worked"),
    rest: () => undefined, // After the three seconds.
    ask: () => send("%%sh touch made"),
    answers: () => (existsSync(join(repo.path, "made")) ? ["made"] : []),
    messages: ["%%say one", "%%say two"],
    received: () => [...chat().matchAll(/^#### (.*?) *$/gm)].map(([, text = ""]) => text),
    interrupts: () => interrupts,
    say: (words) => send(`%%say ${words}`),
  };
}

agentContract("aider", { create: () => create(), atWork });
