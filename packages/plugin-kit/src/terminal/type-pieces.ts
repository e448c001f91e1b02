import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SendOptions } from "@agent-orchestrator/core/slots/runtime";
import { piecesOf, TYPING } from "../message.ts";

export interface PieceTyping {
  piece(text: string): Promise<unknown>;
  enter(): Promise<unknown>;
  /** It does not count as written. What was typed so far is a draft. */
  withdraw(): Promise<unknown>;
}

/** Types a message as a person would, as long as the guard lets it. */
export async function typePieces(
  typing: PieceTyping,
  text: string,
  { guard, signal, clock }: Pick<SendOptions, "guard" | "signal"> & { clock: Clock },
): Promise<void> {
  const requireSafe = async (): Promise<void> => {
    if (guard === undefined || (await guard())) return;
    await typing.withdraw();
    throw new AoError("REFUSED", "the program does not accept a message now");
  };
  for (const piece of piecesOf(text)) {
    await requireSafe();
    await typing.piece(piece);
    await clock.sleep(TYPING.gapMs, signal);
  }
  await clock.sleep(TYPING.beforeEnterMs, signal);
  await requireSafe();
  await typing.enter();
}
