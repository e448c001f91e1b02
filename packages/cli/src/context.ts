import { resolve } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { CallHooks } from "@agent-orchestrator/core/protocol/client";
import type { ParamsOf, RequestName, Requests } from "@agent-orchestrator/daemon/requests";
import type { Answer, Context } from "./command.ts";
import { askDaemon } from "./connect/ask.ts";
import { homeOf } from "./connect/home.ts";
import { fold } from "./output/format.ts";
import type { Io } from "./output/io.ts";
import { jsonLine } from "./output/json.ts";
import type { GlobalFlags } from "./parse/spec-command.ts";

/** What a command can use: the process and the global options. */
export function createContext(io: Io, { isJson, isYes, config }: GlobalFlags): Context {
  const chosen = config ?? (io.env.AO_CONFIG_PATH || undefined);
  const configPath = chosen === undefined ? undefined : resolve(io.cwd(), chosen);
  const home = homeOf(io.env);
  const say = (line: string) => io.err(`ao: ${cleanForTerminal(line)}\n`);
  const ask = async <N extends RequestName>(name: N, params: ParamsOf<N>, hooks: CallHooks<Requests[N]> = {}) =>
    askDaemon({ io, home }, { name, params, hooks, configPath, say });
  const context: Context = {
    io,
    isJson,
    isYes,
    configPath,
    home,
    async ask(name, params, hooks): Promise<Answer<typeof name>> {
      try {
        return await ask(name, params, hooks);
      } catch (error) {
        if (!isAoError(error) || error.code !== "UNTRUSTED" || !canAsk(context)) throw error;
        const { trustNow } = await import("./output/trust.ts");
        if (!(await trustNow(context, error))) throw error;
        return await ask(name, params, hooks);
      }
    },
    async follow(name, params, hooks) {
      const { followDaemon } = await import("./connect/follow.ts");
      return await followDaemon({ io, home }, { name, params, hooks, configPath, say });
    },
    show: (data, human, meta) => io.out(isJson ? jsonLine(data, meta) : readable(io, human())),
    async busy(text, work) {
      const { withSpinner } = await import("./output/spinner.ts");
      return await withSpinner(io, { text, isQuiet: isJson }, work);
    },
    async confirm(question) {
      const { confirmOn } = await import("./output/confirm.ts");
      return await confirmOn(context, question);
    },
  };
  return context;
}

/** On a terminal, lines are broken between words. A pipe gets them whole. */
function readable(io: Io, text: string | { verbatim: string }): string {
  if (typeof text !== "string") return text.verbatim;
  return io.isOutTty ? fold(text, io.columns()) : text;
}

/** Whether there is a terminal to ask on, and stdout is not read by a script. */
export function canAsk({ io, isJson }: Pick<Context, "io" | "isJson">): boolean {
  return !isJson && io.isInTty && io.isErrTty;
}
