import { age, oneLine } from "@agent-orchestrator/core/model/text";
import type { Explanation } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Run } from "../command.ts";
import { checksSection } from "../output/check-lines.ts";
import { localTime, table } from "../output/format.ts";
import { commandOf } from "../output/session-cells.ts";

export const spec: CommandSpec = {
  name: "explain",
  group: "look",
  position: 50,
  summary: "Explain a session's status: the facts, the rule, and the reactions",
  args: "<session>",
  complete: "session",
  examples: [["ao explain app-1", "why it has its status"]],
};

export const run: Run = async (input, context) => {
  const { data, meta } = await context.ask("explain", { session: input.args[0] ?? "", isLook: !context.isJson });
  context.show(data, () => text(data), meta);
  return 0;
};

/** The chain of reasoning, in order. */
function text({ session, facts, rule, reactions, pending, checks }: Explanation): string {
  const factRows = facts.map((fact) => [
    oneLine(fact.text, 300),
    `${oneLine(fact.source)}${fact.ageMs === null ? "" : `, ${age(fact.ageMs)} ago`}`,
  ]);
  const reactionRows = reactions.map((reaction) => [
    reaction.at === null ? "" : localTime(reaction.at),
    oneLine(reaction.key),
    oneLine(reaction.state),
    oneLine(reaction.text, 300),
  ]);
  const parts = [
    `${session.id} is ${rule.status} since ${localTime(rule.since)}\n`,
    table([["because", oneLine(rule.text, 300)], ...needRows(session)]),
    section("facts", factRows),
    checksSection(checks ?? []),
    section("reactions", reactionRows),
    section(
      "under way",
      pending.map((item) => [oneLine(item, 300)]),
    ),
  ];
  return parts.join("");
}

/** Why it needs the user, if the rule does not say so, and what to do next. */
function needRows(session: Explanation["session"]): string[][] {
  const { attention, because } = session;
  const next = commandOf(session);
  const label = attention?.level === "info" ? "note" : "needs you";
  return [
    ...(attention === null || attention.reason === because ? [] : [[label, oneLine(attention.reason, 300)]]),
    ...(next === "" ? [] : [["next", next]]),
  ];
}

function section(title: string, rows: readonly string[][]): string {
  return rows.length === 0 ? "" : `\n${title}\n${table(rows, { indent: "  " })}`;
}
