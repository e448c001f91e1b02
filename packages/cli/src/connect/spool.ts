import { join } from "node:path";
import { atomicReplace, ensureDir } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { guardFolder } from "@agent-orchestrator/core/host/guarded";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Place } from "./connect.ts";

/** Stores a fact for the next daemon. The rename makes it appear whole. */
export function spoolFact({ io, home }: Place, fact: Record<string, unknown>): void {
  const spool = join(home, "daemon", "spool");
  const name = `${io.now()}-${io.pid}-${newId()}`;
  try {
    guardFolder(home);
    for (const folder of ["tmp", "new"]) ensureDir(join(spool, folder));
    atomicReplace(join(spool, "tmp", name), `${JSON.stringify(fact)}\n`);
    realFs.rename(join(spool, "tmp", name), join(spool, "new", name));
  } catch (cause) {
    const { code, message, hint } = toAoError(cause);
    if (code === "REFUSED") throw cause;
    throw new AoError("UNAVAILABLE", `the daemon is not responding, and ${spool} cannot be written: ${message}`, {
      cause,
      hint: hint ?? "Make the folder writable, or free some disk space.",
    });
  }
}
