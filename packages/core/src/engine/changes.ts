import { NOTICES } from "../model/notice.ts";
import type { State } from "../model/state.ts";
import type { Inbox, SessionEvent } from "./mailbox.ts";

interface Changed {
  state: State;
  events: SessionEvent[];
  accepted: Inbox["changes"];
  touched: string[];
}

/** Applies the changes that no single session owns. The caller of a refused one is told, and the others go on. */
export function applyChanges(state: State, { inbox, nowMs }: { inbox: Inbox; nowMs: number }): Changed {
  const result: Changed = { state, events: [], accepted: [], touched: [] };
  for (const entry of inbox.changes) {
    try {
      const { state: next, events } = entry.change(result.state, nowMs);
      result.events.push(...(events ?? []));
      result.state = next;
      result.accepted.push(entry);
    } catch (error) {
      entry.settle(error);
    }
  }
  inbox.changes = result.accepted;
  result.touched = Object.keys(result.state.sessions).filter((id) => result.state.sessions[id] !== state.sessions[id]);
  if (result.state.isPaused !== state.isPaused || result.state.projects !== state.projects) {
    result.touched = Object.keys(result.state.sessions);
  }
  if (result.state.channels !== state.channels) result.touched.push(NOTICES);
  return result;
}
