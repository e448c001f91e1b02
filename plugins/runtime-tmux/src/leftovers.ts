import { signalProcess, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { HUB } from "./naming.ts";
import { PROBE } from "./paste-probe.ts";

/** Removes what an earlier daemon may have left in the hub when it was killed. Only we use the hub. */
export async function clearLeftovers(client: ControlClient): Promise<void> {
  await endStaleClients(client);
  const format = "#{window_id}\t#{window_name}\t#{@ao_intent}";
  for (const line of await client.run(command("list-panes", "-s", "-t", `=${HUB}:`, "-F", format))) {
    const [window = "", name, intent] = line.split("\t");
    if (name !== PROBE || intent !== "") continue;
    await client.run(command("kill-window", "-t", window)).catch(() => undefined); // It ended by itself.
  }
}

/** tmux 3.3a keeps a control client permanently if its reader was killed while output was flowing, and then can't even be shut down. */
async function endStaleClients(client: ControlClient): Promise<void> {
  const format = `#{&&:#{client_control_mode},#{==:#{client_session},${HUB}}} #{client_pid}`;
  for (const line of await client.run(command("list-clients", "-F", format))) {
    const [isOnHub, pid] = line.split(" ");
    if (isOnHub !== "1" || Number(pid) === client.pid) continue;
    signalProcess({ pid: Number(pid), startId: startIdOf(Number(pid)) ?? "" }, "SIGKILL");
  }
}
