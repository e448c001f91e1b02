import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Clock, PluginContext } from "@agent-orchestrator/core/slots/common";
import { Linear, type LinearOptions } from "@agent-orchestrator/testkit/linear/linear";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { onTestFinished } from "vitest";
import plugin from "../index.ts";

/** Its pauses between attempts are short. What has a deadline keeps it. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms > 10_000 ? ms : ms / 50, signal) };

interface Given {
  server?: LinearOptions;
  options?: Record<string, unknown>;
  context?: Partial<PluginContext>;
}

/** A workspace with the team INT and its member wes, whose key the tracker has. */
export async function world({ server = {}, options = {}, context = {} }: Given = {}) {
  const linear = await Linear.start(server);
  onTestFinished(() => linear.stop());
  const { workspace } = linear;
  const team = workspace.addTeam("INT");
  const wes = workspace.addUser("wes");
  const apiKey = workspace.giveAccess(wes);
  const project = projectConfig({ tracker: { plugin: "linear", options: {} } });
  const { apiUrl } = linear;
  const open = (more: Record<string, unknown> = {}, around: Partial<PluginContext> = {}) =>
    plugin.create(
      { team: "INT", apiUrl, apiKey, ...options, ...more },
      pluginContext({ project, clock: hurried, ...context, ...around }),
    );
  return { linear, workspace, team, wes, apiKey, project, tracker: open(), open };
}
