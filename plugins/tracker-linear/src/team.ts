import { nearest } from "@agent-orchestrator/core/host/suggest";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Linear } from "./client.ts";
import type { TeamFilter } from "./inputs.ts";
import { isUuid } from "./reference.ts";

export interface TeamInfo {
  id: string;
  key: string;
}

const TEAM = `query Team($filter: TeamFilter) { teams(filter: $filter, first: 100) { nodes { id key name } } }`;

type Answer = { teams: { nodes: (TeamInfo & { name: string })[] } };

/** By its key or id. Throws NOT_FOUND with those that there are. */
export async function teamOf(linear: Linear, wanted: string, options: CallOptions): Promise<TeamInfo> {
  const filter: TeamFilter = isUuid(wanted) ? { id: { eq: wanted } } : { key: { eqIgnoreCase: wanted } };
  const what = `find the team ${wanted}`;
  const { teams } = await linear.ask<Answer>(TEAM, { filter }, { what, ...options });
  const [team] = teams.nodes;
  if (team !== undefined) return { id: team.id, key: team.key };
  const all = await linear.ask<Answer>(TEAM, {}, { what, ...options });
  const keys = all.teams.nodes.map(({ key }) => key).sort();
  const meant = nearest(wanted.toUpperCase(), keys);
  const suggestion = meant === null ? "" : `; did you mean ${meant}?`;
  const seen = keys.length === 0 ? "It sees no team." : `It sees ${keys.slice(0, 20).join(", ")}.`;
  throw new AoError("NOT_FOUND", `Linear has no team ${wanted}, or the key may not see it${suggestion}`, {
    hint: `${seen} Set \`team\` to the part of an identifier before the dash.`,
  });
}
