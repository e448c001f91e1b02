import type { Context } from "../command.ts";
import { call } from "../connect/call.ts";
import { callerOf } from "../connect/connect.ts";
import { readDaemonFile, socketPathOf } from "../connect/home.ts";
import { socketTransport } from "../connect/transport.ts";
import { jsonLine } from "./json.ts";
import { statusLine } from "./status-text.ts";

/** A prompt must not hang, print errors or start a daemon. After this time nothing is printed. */
const PATIENCE_MS = 500;

export async function printLine({ io, home, isJson }: Context, project: string | undefined): Promise<number> {
  const path = socketPathOf(home, readDaemonFile(home));
  if (path === null) return 0;
  try {
    const connection = { transport: socketTransport(path), caller: callerOf({ io, home }) };
    const params = project === undefined ? {} : { project };
    const outcome = await call(connection, { name: "status", params }, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!outcome.ok) return 0;
    const line = statusLine(outcome.data);
    if (isJson) io.out(jsonLine({ line }, outcome.meta));
    else if (line !== "") io.out(`${line}\n`);
  } catch {
    // There is no daemon, or it is busy. The next prompt asks again.
  }
  return 0;
}
