import type { AgentKind } from "./support/agent-kind.ts";
import { scenario } from "./support/scenario.ts";

/** The tool that starts a sub-agent, with the work of one that takes a while. */
const TOOLS: Record<string, (work: string) => string> = {
  "claude-code": (work) => `Task {"description":"look","prompt":"${work}","subagent_type":"general-purpose"}`,
  opencode: (work) => `task {"description":"look","prompt":"${work}","subagent_type":"general"}`,
  acp: (work) => `task {"description":"look","prompt":"${work}","subagent_type":"general"}`,
};
const WORK = String.raw`%%slow 4\n%%sh sh tick.sh 2\n%%slow 3\n%%say the look is done`;
/** OpenCode passes on no questions of a sub-agent over ACP: one that asks for a command waits for ever, and is told as stuck. */
const SILENT_WORK = String.raw`%%slow 4\n%%say the look is done`;

const optionsOf = (more: string) => (kind: AgentKind) => ({
  scripts: [`%%tool ${TOOLS[kind.plugin]?.(kind.plugin === "acp" ? SILENT_WORK : WORK) ?? ""} ;; ${more}`],
});

scenario({
  name: "an agent is working while its sub-agent works",
  needs: "subagent",
  options: optionsOf("%%slow 1 ;; %%say all is done"),
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("%%slow 4\n%%s"); // Only its sub-agent is told this with a real line break.
    await box.untilResting("app-1");
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // A report of the sub-agent may start another turn.
    await box.untilResting("app-1");
    await box.say("app-1", "and then? %%say nothing more");
    await box.untilResting("app-1");
  },
});
