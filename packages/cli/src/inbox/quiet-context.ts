import type { Context } from "../command.ts";
import { createContext } from "../context.ts";
import type { Io } from "../output/io.ts";

/** For requests while the screen is ours: nothing is printed over it, and nothing is asked on it. */
export function quietContext({ io, configPath }: Context, say: (text: string) => void): Context {
  const quiet: Io = Object.create(io, {
    err: { value: say },
    isErrTty: { value: false },
  });
  return createContext(quiet, { isJson: false, isYes: true, config: configPath });
}
