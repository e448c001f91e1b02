import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Context, Run } from "../command.ts";
import { pingDaemon, waitUntilGone } from "../connect/connect.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";

export const spec: CommandSpec = {
  name: "stop",
  group: "set-up",
  position: 20,
  summary: "Stop the daemon and leave the agents running",
  details:
    "The next daemon picks the agents up again. A daemon that does not answer is found by its lock: one that a signal has stopped is continued first, and one that still does not answer is ended by SIGTERM, and after 25 seconds by SIGKILL.",
  options: [{ flags: "--sessions", text: "stop the agents too" }],
  examples: [
    ["ao stop", "agents keep running"],
    ["ao stop --sessions --yes", "stop everything, without asking"],
  ],
};

export const run: Run = async (input, context) => {
  const ended = await stopDaemon(context, { sessions: input.flag("sessions") });
  if (ended === "no") return saidNo(context);
  const data = ended === null ? { stopped: false, sessionsEnded: 0 } : { stopped: true, sessionsEnded: ended };
  context.show(data, () => `${sentence(ended, input.flag("sessions"))}\n`);
  return 0;
};

function sentence(ended: number | null, isOfSessions: boolean): string {
  if (ended === null) return "no daemon is running";
  if (!isOfSessions) return "the daemon has stopped, the agents keep running";
  return `the daemon has stopped, ${ended === 0 ? "no agent was running" : `${ended} ${ended === 1 ? "agent was" : "agents were"} ended`}`;
}

const GONE_WITHIN_MS = 30_000;

/**
 * The number of agents that were ended, null if no daemon was running, "no" if the user declined. Returns when the process is
 * gone. One that does not answer is found by its lock, continued if a signal has stopped it, and otherwise ended by signals.
 */
export async function stopDaemon(context: Context, { sessions }: { sessions: boolean }): Promise<number | null | "no"> {
  let info = await pingDaemon(context);
  if (info === null) {
    const { reachDaemon } = await import("../connect/end-daemon.ts");
    const reached = await reachDaemon(context, (line) => context.io.err(`ao: ${line}\n`));
    info = reached.info;
    if (info === null && !sessions) return reached.ended ? 0 : null;
  }
  const params = sessions ? { sessions } : {};
  const answer = await askConfirmed(context, { name: "stop", params }, { text: "stopping" });
  if (answer === null) return "no";
  if (info !== null && !(await waitUntilGone(context.io, info.pid, GONE_WITHIN_MS))) {
    throw new AoError("UNREACHABLE", `the daemon (pid ${info.pid}) is still finishing its work`, {
      hint: "It will stop when it is done. `ao logs` shows its progress.",
    });
  }
  return answer.data.sessionsEnded;
}
