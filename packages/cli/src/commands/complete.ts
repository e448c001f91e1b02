import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { call } from "@agent-orchestrator/core/protocol/client";
import type { Context, Run } from "../command.ts";
import { callerOf } from "../connect/connect.ts";
import { readDaemonFile, socketPathOf } from "../connect/home.ts";
import { socketTransport } from "../connect/transport.ts";

const PATIENCE_MS = 700;
/** Only such words are offered to a shell. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** For the shells' completion scripts: never an error, never a daemon started. */
export const run: Run = async (input, context) => {
  const views = await sessions(context);
  const words = input.args[0] === "project" ? views.map(({ projectId }) => projectId) : views.map(({ id }) => id);
  const unique = [...new Set(words)].filter((word) => PLAIN.test(word)).sort();
  context.show(unique, () => unique.map((word) => `${word}\n`).join(""));
  return 0;
};

async function sessions({ io, home }: Context): Promise<SessionView[]> {
  const path = socketPathOf(home, readDaemonFile(home));
  if (path === null) return [];
  try {
    const connection = { transport: socketTransport(path), caller: callerOf(io) };
    const request = { name: "status" as const, params: { all: true } };
    const outcome = await call(connection, request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return outcome.ok ? outcome.data : [];
  } catch {
    return []; // no daemon: nothing to offer
  }
}
