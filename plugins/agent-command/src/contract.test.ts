import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import type { AgentAtWork } from "@agent-orchestrator/testkit/contracts/agent-at-work";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { onTestFinished } from "vitest";
import { create } from "./index.ts";

/** Any program: it works while it prints. */
async function atWork(): Promise<AgentAtWork> {
  const agentConfig = { quietMs: 300 };
  let print: () => void = () => undefined;
  let printing: NodeJS.Timeout | undefined;
  onTestFinished(() => clearInterval(printing));
  return {
    agent: create({ command: ["my-agent"], ...agentConfig }),
    session: pluginSession({ agentConfig }),
    terminal: { screen: async () => null, write: async () => undefined, press: async () => undefined },
    onObserved: (hint) => {
      print = hint;
    },
    idles: true,
    work() {
      print();
      printing = setInterval(() => print(), 20);
    },
    rest: () => clearInterval(printing),
  };
}

agentContract("command, with the prompt inside its arguments", {
  create: () => create({ command: "my-agent --task", args: ["{prompt}"] }),
  atWork,
});
agentContract("command, without a placeholder", { create: () => create({ command: ["my-agent"] }), atWork });
