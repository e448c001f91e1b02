import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import type { Desk } from "./desk.ts";
import { type Board, type StateInfo, type Step, stateFor } from "./states.ts";

type Rows = Awaited<ReturnType<NonNullable<Tracker["check"]>>>;

const STATES =
  "query States($id: String!) { team(id: $id) { states(first: 100) { nodes { id name type position } } } }";
const STEPS: readonly Step[] = ["started", "review", "done"];

/** Whose key it is, whether it sees the team, and which states issues move to. Throws what is wrong with the key or the team. */
export async function check(desk: Desk, options: CallOptions = {}): Promise<Rows> {
  const [me, team] = await Promise.all([desk.me(options), desk.team(options)]);
  const doing = { what: `read the states of ${team.key}`, ...options };
  const answer = await desk.linear.ask<{ team: { states: { nodes: StateInfo[] } } }>(STATES, { id: team.id }, doing);
  const board: Board = { states: answer.team.states.nodes, names: desk.options.states, isOwnTeam: true };
  const rows: Rows = [];
  const names: string[] = [];
  for (const step of STEPS) {
    try {
      const state = stateFor(step, board);
      if (state !== null) names.push(`"${state.name}" (${step})`);
    } catch (error) {
      const { message, hint } = toAoError(error);
      rows.push({ ok: false, text: message, ...(hint === undefined ? {} : { hint }) });
    }
  }
  const states = names.length === 0 ? "" : `; its states are ${names.join(", ")}`;
  return [{ ok: true, text: `Linear: the team ${team.key}, as ${me.displayName}${states}` }, ...rows];
}
