import type { Action } from "../model/action.ts";

import { Priority } from "../model/status.ts";
import { priorityOf } from "./notify.ts";
import { plural } from "./text.ts";

export interface Planned {
  sessionId: string;
  action: Action;
}

interface Notice {
  sessionId: string;
  action: Extract<Action, { kind: "notify" }>;
}

const NEEDS_HUMAN: ReadonlySet<Priority> = new Set<Priority>(["urgent", "action"]);

/**
 * What falls due at once for several sessions (after a restart or sleep every silence counts from the same moment) comes
 * as one notification: of the most urgent priority, with a line for each. Other actions pass unchanged, in their order.
 */
export function bundleNotices(planned: readonly Planned[]): Planned[] {
  const notices = planned.flatMap(({ sessionId, action }) => (action.kind === "notify" ? [{ sessionId, action }] : []));
  const [first] = notices;
  if (first === undefined || notices.length < 2) return [...planned];
  const events = notices.map(({ action }) => action.notification.event);
  const lines = events.map((event) => event.message).join(" · ");
  const cause = notices.map(({ action }) => action.notification.cause).join(" ");
  const bundled: Planned = {
    sessionId: first.sessionId,
    action: {
      kind: "notify",
      key: `${first.action.key}+${notices.length - 1}`,
      notification: {
        event: {
          type: first.action.notification.event.type,
          priority: mostUrgent(events.map(priorityOf)),
          message: `${headOf(notices)}: ${lines}`,
          data: { notices: events.map(({ type, message, data }) => ({ type, message, data })) },
        },
        cause,
        settleMs: Math.max(...notices.map(({ action }) => action.notification.settleMs)),
        whileStatus: null,
      },
    },
  };
  const others = planned.filter(({ action }) => action.kind !== "notify");
  return [...others, bundled];
}

/** How many sessions need the user; where none does, how many there is something to know of. */
function headOf(notices: readonly Notice[]): string {
  const forHuman = notices.filter(({ action }) => NEEDS_HUMAN.has(priorityOf(action.notification.event)));
  const count = (of: readonly Notice[]): number => new Set(of.map(({ sessionId }) => sessionId)).size;
  if (forHuman.length === 0) return plural(count(notices), "session has news", "sessions have news");
  return `${plural(count(forHuman), "session needs", "sessions need")} you`;
}

const mostUrgent = (priorities: Priority[]): Priority =>
  Priority.options.find((priority) => priorities.includes(priority)) ?? "info";
