import { oneLine } from "@agent-orchestrator/core/model/text";
import type { IssueRow, IssuesMeta } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Run } from "../command.ts";
import { table } from "../output/format.ts";
import { issueTag } from "../output/session-cells.ts";
import { parseCount } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "issues",
  group: "look",
  position: 20,
  summary: "List the open issues of a project and the sessions that work on them",
  args: "[project]",
  complete: "project",
  details: "Only if the project's tracker can list issues.",
  options: [
    { flags: "-l, --label <name>", text: "only issues with this label (repeatable)", isList: true },
    { flags: "-a, --assignee <name>", text: "only issues of this person" },
    { flags: "--cycle <cycle>", text: "only issues of this cycle: current, next, previous, a number or a name" },
    { flags: "-n, --limit <count>", text: "number of issues (100)" },
  ],
  examples: [
    ["ao issues", "of the current project"],
    ["ao issues shop-api", "of another project"],
    ["ao issues --label bug", "only bugs"],
    ["ao issues --cycle current", "of the cycle that runs now, for a tracker with cycles"],
  ],
};

export const run: Run = async (input, context) => {
  const [project] = input.args;
  const labels = input.list("label");
  const limit = input.text("limit");
  const assignee = input.text("assignee");
  const cycle = input.text("cycle");
  const { data, meta } = await context.ask("issues", {
    ...(project === undefined ? {} : { project }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(cycle === undefined ? {} : { cycle }),
    ...(limit === undefined ? {} : { limit: parseCount(limit, "--limit") }),
  });
  context.show(
    data,
    () =>
      data.length === 0
        ? none(labels, assignee !== undefined || cycle !== undefined)
        : table(data.map(rowOf)) + more(meta, data),
    meta,
  );
  const { failed = [] } = meta;
  if (!context.isJson) for (const one of failed) context.io.err(`ao: ${missing(one)}\n`);
  return failed.length === 0 ? 0 : 69;
};

const missing = ({ tracker, text, hint }: NonNullable<IssuesMeta["failed"]>[number]): string =>
  oneLine(`the issues of ${tracker} are missing: ${text}${hint === undefined ? "" : `. ${hint}`}`, 600);

function none(labels: readonly string[], isNarrowed: boolean): string {
  if (isNarrowed) return "No open issues like that.\n";
  return labels.length === 0
    ? "No open issues.\n"
    : `No open issues with the label ${oneLine(labels.join(" and "))}.\n`;
}

const more = ({ isMore }: IssuesMeta, { length }: readonly unknown[]): string =>
  isMore ? `\nThere are more. To see them: --limit ${length * 2}\n` : "";

const rowOf = ({ id, title, labels, assignee, session }: IssueRow): string[] => [
  issueTag({ id }),
  oneLine(title, 70),
  oneLine(labels.join(", "), 40),
  session ?? "",
  assignee === null ? "" : `@${oneLine(assignee, 30)}`,
];
