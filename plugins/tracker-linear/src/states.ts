import { AoError } from "@agent-orchestrator/core/model/errors";
import type { IssueState } from "@agent-orchestrator/core/model/issue";
import type { StateNames } from "./options.ts";

export interface StateInfo {
  id: string;
  name: string;
  /** `triage`, `backlog`, `unstarted`, `started`, `completed`, `canceled` or `duplicate`. */
  type: string;
  position: number;
}

/** Where a state is on the way. A type that is not known yet counts as not begun. */
const RANKS: Record<string, number> = {
  triage: 0,
  backlog: 1,
  unstarted: 2,
  started: 3,
  completed: 4,
  canceled: 4,
  duplicate: 4,
};
const rankOf = ({ type }: Pick<StateInfo, "type">): number => RANKS[type] ?? 0;

export function issueStateOf(type: string): IssueState {
  if (type === "started") return "in_progress";
  if (type === "completed") return "closed";
  return type === "canceled" || type === "duplicate" ? "cancelled" : "open";
}

export type Step = "started" | "review" | "done";

export interface Board {
  /** Of the issue's team. */
  states: readonly StateInfo[];
  /** The names in the config. */
  names: StateNames;
  /** Another team than the config's may have other states: what it lacks is found by its type. */
  isOwnTeam: boolean;
}

/**
 * The state for a step: the one in the config, else by type, the first in the team's order. `review` is a started one with that word in
 * its name. Null if there is none. Throws CONFIG for a name in the config that the team does not have.
 */
export function stateFor(step: Step, { states, names, isOwnTeam }: Board): StateInfo | null {
  const name = names[step];
  if (name !== undefined) {
    const found = states.find((one) => one.id === name || one.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    if (isOwnTeam) throw unknownState(step, name, states);
  }
  const started = ofType(states, "started");
  if (step === "done") return ofType(states, "completed")[0] ?? null;
  if (step === "review") return started.find((one) => /\breview/i.test(one.name)) ?? null;
  return started.find((one) => !/\breview/i.test(one.name)) ?? started[0] ?? null;
}

/** The state of a step, if the issue is not as far or further. Null: nothing to move. */
export function forward(current: StateInfo, step: Step, board: Board): StateInfo | null {
  const target = stateFor(step, board);
  if (target === null || target.id === current.id) return null;
  const [to, from] = [rankOf(target), rankOf(current)];
  return to > from || (to === from && from < 4 && target.position > current.position) ? target : null;
}

/** The state for one of core's, wherever the issue is now. */
export function stateOf(wanted: IssueState, board: Board): StateInfo | null {
  if (wanted === "closed") return stateFor("done", board);
  if (wanted === "in_progress") return stateFor("started", board);
  const types = wanted === "cancelled" ? ["canceled"] : ["unstarted", "backlog", "triage"];
  return types.flatMap((type) => ofType(board.states, type))[0] ?? null;
}

const ofType = (states: readonly StateInfo[], type: string): StateInfo[] =>
  states.filter((one) => one.type === type).sort((a, b) => a.position - b.position);

function unknownState(step: Step, name: string, states: readonly StateInfo[]): AoError {
  const all = [...states].sort((a, b) => rankOf(a) - rankOf(b) || a.position - b.position).map((one) => one.name);
  return new AoError("CONFIG", `tracker.states.${step}: the team has no state "${name}"`, {
    hint: `It has ${all.join(", ")}.`,
  });
}
