import type { ActivityState, Agent, PluginModule } from "@agent-orchestrator/core/types";

/** An agent by the fewest methods. `ao` asks the last four of them every few seconds, because there is no `observe`. */
export const manifest = {
  name: "minimal",
  slot: "agent" as const,
  description: "The toy agent beside it, as an example",
  version: "0.1.0",
};

/** The last line is the toy's prompt, its question, or what it is doing. */
function readOutput(output: string): ActivityState {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  if (last.endsWith("[y/n]")) return "waiting_input";
  return last.endsWith("toy>") ? "ready" : "active";
}

export function create(): Agent {
  return {
    name: "minimal",
    processName: "sh",
    // Run by a shell in the checkout. The prompt is a stranger's text, so it is passed as a file.
    getLaunchCommand: () => 'exec sh ./toy-agent.sh "$AO_PROMPT_FILE"',
    getEnvironment: () => ({ TOY_SECONDS: "2" }),
    detectActivity: readOutput,
    // An agent that keeps a record of its conversation is read here, which says more than its screen.
    getActivityState: async () => null,
    async isProcessRunning({ data: { pid } }) {
      // `false` only if that is certain.
      if (typeof pid !== "number") throw new Error("the runtime does not say which process it is");
      try {
        return process.kill(pid, 0);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
        throw error;
      }
    },
    getSessionInfo: async ({ issueId }) => ({ summary: `toying with ${issueId}`, agentSessionId: null, cost: null }),
  };
}

export default { manifest, create } satisfies PluginModule<Agent>;
