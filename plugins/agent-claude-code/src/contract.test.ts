import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import type { AgentAtWork } from "@agent-orchestrator/testkit/contracts/agent-at-work";
import { create } from "./index.ts";
import { Box } from "./testing/box.ts";
import { Stage } from "./testing/stage.ts";

const PERMISSION = readFileSync(
  join(import.meta.dirname, "fixtures/claude-code-2.1.332/screens/permission-bash.txt"),
  "utf8",
).split("\n");

/** A process with the files, the hooks and the input box of the program. Its screens are recorded. */
async function atWork(): Promise<AgentAtWork> {
  const stage = await Stage.open();
  const box = new Box();
  const received: string[] = [];
  const answers: string[] = [];
  let interrupts = 0;
  box.onEnter = (prompt) => {
    received.push(prompt);
    stage.hook("UserPromptSubmit", { prompt });
  };
  const { terminal } = box;
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.hook("Stop");
  stage.status("idle");
  return {
    agent: stage.agent,
    session: stage.session,
    terminal: {
      ...terminal,
      async press(keys, options) {
        if (!keys.includes("Escape")) return terminal.press(keys, options);
        interrupts += 1;
        stage.status("idle");
      },
    },
    idles: true,
    work() {
      stage.hook("UserPromptSubmit", { prompt: "More." });
      stage.status("busy");
    },
    rest() {
      stage.hook("Stop");
      stage.status("idle");
    },
    ask() {
      stage.status("busy");
      box.instead = PERMISSION;
      const hook = stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "npm publish" } });
      hook.stdout?.on("data", (said) => answers.push(String(said)));
      stage.status("waiting", "permission prompt");
    },
    answers: () => answers,
    messages: ["mend the test", "and the other one"],
    received: () => received,
    interrupts: () => interrupts,
    say: (words) =>
      stage.line({
        type: "assistant",
        message: { id: words, model: "m", content: [{ type: "text", text: words }], stop_reason: "end_turn" },
      }),
  };
}

agentContract("claude-code", { create: () => create(), atWork });
