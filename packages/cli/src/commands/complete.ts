import type { ParamsOf, RequestName, ResultOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Run } from "../command.ts";
import { call } from "../connect/call.ts";
import { callerOf } from "../connect/connect.ts";
import { readDaemonFile, socketPathOf } from "../connect/home.ts";
import { socketTransport } from "../connect/transport.ts";

export const spec: CommandSpec = {
  name: "complete",
  group: "set-up",
  position: 150,
  summary: "Print the words that a completion script asks for",
  args: "<kind>",
  isHidden: true,
  examples: [["ao complete session", "ids, one per line, without starting a daemon"]],
};

const PATIENCE_MS = 700;
/** Only words like this are offered to a shell. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** For the completion scripts. Never fails and never starts a daemon. */
export const run: Run = async (input, context) => {
  const words = input.args[0] === "project" ? await projects(context) : (await sessions(context)).map(({ id }) => id);
  const unique = [...new Set(words)].filter((word) => PLAIN.test(word)).sort();
  context.show(unique, () => ({ verbatim: unique.map((word) => `${word}\n`).join("") }));
  return 0;
};

const sessions = async (context: Context) => (await ask(context, "status", { all: true })) ?? [];

/** Projects that can be named, and those that sessions belong to. */
async function projects(context: Context): Promise<string[]> {
  const [known, views] = await Promise.all([ask(context, "projects", {}), sessions(context)]);
  return [...(known ?? []).map(({ id }) => id), ...views.map(({ projectId }) => projectId)];
}

async function ask<N extends RequestName>(
  { io, home }: Context,
  name: N,
  params: ParamsOf<N>,
): Promise<ResultOf<N> | null> {
  const path = socketPathOf(home, readDaemonFile(home));
  if (path === null) return null;
  try {
    const connection = { transport: socketTransport(path), caller: callerOf({ io, home }) };
    const outcome = await call(connection, { name, params }, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return outcome.ok ? outcome.data : null;
  } catch {
    return null; // without a daemon there is nothing to offer
  }
}
