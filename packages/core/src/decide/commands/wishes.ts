import type { CommandOf, KeptOfWish, WishName } from "../../model/command.ts";
import type { State, WishRecord } from "../../model/state.ts";
import { toIso } from "../../model/time.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

/** A wish that is known has been taken up, and one that is not has done nothing. */
export const keepWish = (
  state: State,
  { wish, kept }: CommandOf<"keep-wish">,
  { nowMs }: CommandContext,
): Outcome<"keep-wish"> => ({ next: withWish(state, wish, { kept, nowMs }) });

/** Null: its caller does not ask again. */
export function withWish(
  state: State,
  wish: WishName | null,
  { kept, nowMs }: { kept: KeptOfWish; nowMs: number },
): State {
  if (wish === null) return state;
  const known = Object.hasOwn(state.wishes, wish.id) ? state.wishes[wish.id] : undefined;
  const before = known ?? { at: toIso(nowMs), sessionIds: [], request: wish.request, seq: state.seq };
  return { ...state, wishes: { ...state.wishes, [wish.id]: merged(before, kept) } };
}

const merged = (before: WishRecord, { sessionIds = [], marks, result }: KeptOfWish): WishRecord => ({
  ...before,
  sessionIds: [...new Set([...before.sessionIds, ...sessionIds])],
  ...(marks === undefined ? {} : { marks: { ...before.marks, ...marks } }),
  ...(result === undefined ? {} : { result: { ...before.result, ...result } }),
});
