import { oneLine } from "@agent-orchestrator/core/host/text";
import type { IssueRow } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Run } from "../command.ts";
import { table } from "../output/format.ts";

export const spec: CommandSpec = {
  name: "issues",
  group: "look",
  position: 20,
  summary: "List the open issues of a project and the sessions that work on them",
  args: "[project]",
  complete: "project",
  details: "Only if the project's tracker can list issues.",
  examples: [
    ["ao issues", "of the current project"],
    ["ao issues shop-api", "of another project"],
  ],
};

export const run: Run = async (input, context) => {
  const [project] = input.args;
  const { data, meta } = await context.ask("issues", project === undefined ? {} : { project });
  context.show(data, () => (data.length === 0 ? "No open issues.\n" : table(data.map(rowOf))), meta);
  return 0;
};

const rowOf = ({ id, title, labels, session }: IssueRow): string[] => [
  `#${oneLine(id, 30)}`,
  oneLine(title, 70),
  oneLine(labels.join(", "), 40),
  session ?? "",
];
