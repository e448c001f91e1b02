import type { CommandOf } from "../../model/command.ts";
import type { State } from "../../model/state.ts";
import { oneLine } from "../../model/text.ts";
import { withoutOutage } from "../notices/channel.ts";
import type { Outcome } from "./outcome.ts";

export const noteChannelWorks = (state: State, { channel }: CommandOf<"channel-works">): Outcome<"channel-works"> => ({
  next: withoutOutage(state, channel),
});

/** Changes nothing. Who did it stands in the log. */
export function notePress(state: State, { sessionId, by, did }: CommandOf<"note-press">): Outcome<"note-press"> {
  const projectId = state.sessions[sessionId]?.projectId ?? null;
  const who = oneLine(by, 100);
  const draft = { type: "notify.acted" as const, message: `${sessionId} ${did}, by ${who}`, data: { by: who, did } };
  return { next: state, events: [{ sessionId, projectId, draft }] };
}
