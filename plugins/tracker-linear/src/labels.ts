import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Linear } from "./client.ts";
import type { IssueLabelFilter } from "./inputs.ts";
import type { TeamInfo } from "./team.ts";

interface Label {
  id: string;
  name: string;
}
const LABELS = `query Labels($filter: IssueLabelFilter) { issueLabels(filter: $filter, first: 250) { nodes { id name } } }`;

/** The ids of labels of the team or the whole workspace. What is missing is made for the team. */
export async function labelIdsOf(
  linear: Linear,
  { names, team, present }: { names: readonly string[]; team: TeamInfo; present: readonly Label[] },
  options: CallOptions,
): Promise<string[]> {
  const known = new Map(present.map(({ id, name }) => [name.toLowerCase(), id]));
  const sought = names.filter((name) => !known.has(name.toLowerCase()));
  if (sought.length > 0) {
    const byName: IssueLabelFilter[] = sought.map((name) => ({ name: { eqIgnoreCase: name } }));
    const byTeam: IssueLabelFilter[] = [{ team: { null: true } }, { team: { id: { eq: team.id } } }];
    const filter: IssueLabelFilter = { and: [{ or: byName }, { or: byTeam }] };
    const doing = { what: `find the labels of ${team.key}`, ...options };
    const { issueLabels } = await linear.ask<{ issueLabels: { nodes: Label[] } }>(LABELS, { filter }, doing);
    for (const { id, name } of issueLabels.nodes) known.set(name.toLowerCase(), id);
  }
  const ids: string[] = [];
  for (const name of names) ids.push(known.get(name.toLowerCase()) ?? (await create(linear, { name, team }, options)));
  return [...new Set(ids)];
}

async function create(
  linear: Linear,
  { name, team }: { name: string; team: TeamInfo },
  options: CallOptions,
): Promise<string> {
  const sdk = await linear.sdk({ what: `create a label in ${team.key}`, ...options });
  const { issueLabelId } = await sdk.createIssueLabel({ name, teamId: team.id });
  return issueLabelId ?? "";
}
