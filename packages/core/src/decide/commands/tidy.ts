import type { CommandOf } from "../../model/command.ts";
import { withChanges } from "../../model/record-changes.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { at } from "../../model/time.ts";
import { ageKeptWork } from "../kept-work.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

const WISH_KEPT_MS = 24 * 3_600_000;

/** Forgets work that was kept long enough, wishes that nobody asks about again, and what archived sessions no longer need. */
export function tidy(
  state: State,
  { elapsedMs, keepMs }: CommandOf<"tidy">,
  { nowMs }: CommandContext,
): Outcome<"tidy"> {
  const keepMsOf = ({ instanceId }: Pick<SessionRecord, "instanceId">) => keepMs[instanceId] ?? null;
  const aged = ageKeptWork(slim(state, nowMs), { nowMs, elapsedMs, keepMsOf });
  return { next: aged.state, result: { folders: aged.folders } };
}

function slim(state: State, nowMs: number): State {
  const wishes = Object.entries(state.wishes).filter(([, wish]) => at(wish.at) + WISH_KEPT_MS > nowMs);
  const sessions = Object.values(state.sessions).map((record): [string, SessionRecord] => {
    if (!record.isArchived) return [record.id, record];
    const isBulky = record.messages.list.length > 0 || Object.keys(record.pr.checkLogs).length > 0;
    return [record.id, isBulky ? withChanges(record, { messages: { list: [] }, pr: { checkLogs: {} } }) : record];
  });
  return { ...state, wishes: Object.fromEntries(wishes), sessions: Object.fromEntries(sessions) };
}
