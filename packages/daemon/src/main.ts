import { rmSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { ownEnvironment } from "@agent-orchestrator/core/host/env";
import { writeToStderr } from "@agent-orchestrator/core/host/log";
import { exitStatusOf, toAoError } from "@agent-orchestrator/core/model/errors";
import { startDaemon } from "./daemon.ts";

/**
 * By how much the heap may grow before garbage is collected, in percent. By default it is several times as much, and a daemon that
 * looks at many busy sessions keeps 50 MB that it does not need. A V8 without this flag ignores it.
 */
setFlagsFromString("--heap-growing-percent=25");

/**
 * The daemon's own process. Its exit status and last line say what went wrong. The umask stays the
 * user's, because agents and checkouts inherit it, and merges write into the user's own tree. The state folder is private by its mode.
 */
async function main(): Promise<void> {
  try {
    const daemon = await startDaemon({ env: ownEnvironment() });
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => daemon.shutDown(signal));
    await daemon.ended;
    rmSync(daemon.socketPath, { force: true });
    process.exit(0);
  } catch (error) {
    const known = toAoError(error);
    writeToStderr(`ao daemon: ${known.message}${known.hint === undefined ? "" : `\n${known.hint}`}\n`);
    process.exit(exitStatusOf(error));
  }
}

await main();
