import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import { z } from "zod";

/** What pressing a button does. */
export const Press = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("act"), endpoint: z.string() }),
  /** The same after a second question. */
  z.object({ kind: z.literal("merge"), endpoint: z.string(), session: z.string() }),
  z.object({ kind: z.literal("url"), url: z.string() }),
  z.object({ kind: z.literal("cancel") }),
]);
export type Press = z.infer<typeof Press>;

/** The key is ours: `default` for a click on the notification itself. The label may be a stranger's. */
export const Button = z.object({ key: z.string(), label: z.string(), press: Press });
export type Button = z.infer<typeof Button>;

export const Notice = z.object({
  title: z.string(),
  body: z.string(),
  urgency: z.enum(["critical", "normal", "low"]),
  /** Somebody has to do something. */
  isAsking: z.boolean(),
  /** Only one notification is shown for each. Null: it replaces nothing. */
  place: z.string().nullable(),
  /** Of the events that it is about. */
  ids: z.array(z.string()),
  buttons: z.array(Button),
  /** What helps where there are no buttons, or not all of them. */
  command: z.string().nullable(),
  /** There were more actions than there are buttons. */
  isCut: z.boolean(),
});
export type Notice = z.infer<typeof Notice>;
export type Priority = OrchestratorEvent["priority"];

const WEIGHT = { critical: 2, normal: 1, low: 0 } as const;

/** What asks for somebody has more than any news. */
const weightOf = ({ isAsking, urgency }: Notice): number => WEIGHT[urgency] + (isAsking ? 10 : 0);

/** Where news of a session is shown while its question is open. */
export const besideOf = (place: string | null): string | null => (place === null ? null : `${place} beside`);

/** As it is shown where another one is already: beside it if that one asks, and this one is less. */
export function besideOpen(notice: Notice, open: Notice | null): Notice {
  if (open === null || !open.isAsking || weightOf(notice) >= weightOf(open)) return notice;
  return { ...notice, place: besideOf(notice.place) };
}

/** A button that was pressed. */
export interface Pressed {
  notice: Notice;
  press: Press;
  /** The same for every button of the notification as it was shown once. */
  clickId: string;
  /** With this, the desktop lets a program that we start come to the front. */
  activationToken: string | null;
}

/** One desktop's way to show notices. */
export interface Screen {
  /** Throws UNAVAILABLE if the notice cannot have been shown. It replaces what is shown in its place, unless somebody is still to act on that and not on this. */
  tell(notice: Notice, signal?: AbortSignal): Promise<void>;
  /** The same for what follows a click: it replaces what was clicked. */
  show(notice: Notice, signal?: AbortSignal): Promise<void>;
  /** What is shown for this place goes. */
  clear(place: string, signal?: AbortSignal): Promise<void>;
  /** What is shown only because of these events goes. */
  withdraw(ids: ReadonlySet<string>, signal?: AbortSignal): Promise<void>;
  /** Makes sure that clicks arrive on what was shown before. */
  watch(): Promise<void>;
  /** Nobody listens for clicks any more. */
  leave(): void;
  check(signal?: AbortSignal): Promise<{ ok: boolean; text: string; hint?: string }>;
}

export type OnPress = (pressed: Pressed) => void;
