import { oneLine } from "@agent-orchestrator/core/model/text";
import type { PluginRow } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Run } from "../command.ts";
import { table } from "../output/format.ts";

export const spec: CommandSpec = {
  name: "plugin list",
  group: "set-up",
  position: 100,
  summary: "List the plugins of every slot, and what is wrong with broken ones",
  examples: [["ao plugin list", "built-in ones, from npm, and from a path"]],
};

export const run: Run = async (_input, context) => {
  const { data, meta } = await context.ask("plugin-list", {});
  const stale = data.some(({ isStale }) => isStale === true);
  const note = stale ? "changed: loaded before its file changed; `ao restart` loads it again\n" : "";
  context.show(data, () => `${table(data.map(cells))}${note}`, meta);
  return data.some(({ problem }) => problem !== null) ? 1 : 0;
};

function cells({ slot, name, version, source, description, isDefault, isStale, problem }: PluginRow): string[] {
  const words = `${isStale === true ? "changed: " : ""}${oneLine(description)}`;
  const text = problem === null ? words : `broken: ${oneLine(problem, 300)}`;
  return [slot, `${oneLine(name)}${isDefault ? " *" : ""}`, oneLine(version), oneLine(source), text];
}
