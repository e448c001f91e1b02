import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { ParamsOf, RequestName } from "@agent-orchestrator/daemon/requests";
import type { Answer, Context } from "../command.ts";

type Confirmable = {
  [N in RequestName]: ParamsOf<N> extends { isConfirmed?: boolean | undefined } ? N : never;
}[RequestName];

interface Asking {
  /** Shown while it runs. */
  text: string;
}

/**
 * For what cannot be undone. When the daemon refuses an unconfirmed request, it says what would happen. On a terminal,
 * that becomes the question. Null if the user declines. Elsewhere the refusal remains, with its hint about `--yes`.
 */
export async function askConfirmed<N extends Confirmable>(
  context: Context,
  request: { name: N; params: ParamsOf<N> },
  { text }: Asking,
): Promise<Answer<N> | null> {
  const send = (isConfirmed: boolean) =>
    context.busy(text, (tell) => context.ask(request.name, { ...request.params, isConfirmed }, { onProgress: tell }));
  if (context.isYes) return await send(true);
  try {
    return await send(false);
  } catch (error) {
    const isQuestion = isAoError(error) && error.code === "REFUSED" && error.hint?.includes("--yes") === true;
    if (!isQuestion) throw error;
    const answer = await context.confirm(`${error.message}. Do it?`);
    if (answer === null) throw error;
    return answer ? await send(true) : null;
  }
}

/** Prints that nothing was done, and returns the exit status. */
export function saidNo({ io }: Context): number {
  io.err("ao: nothing was done\n");
  return 1;
}
