import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Place } from "./connect.ts";

/** Stores a fact for the next daemon. The rename makes it appear whole. */
export function spoolFact({ io, home }: Place, fact: Record<string, unknown>): void {
  const spool = join(home, "daemon", "spool");
  const name = `${io.now()}-${io.pid}-${newId()}`;
  try {
    for (const folder of ["tmp", "new"]) mkdirSync(join(spool, folder), { recursive: true, mode: 0o700 });
    writeFileSync(join(spool, "tmp", name), `${JSON.stringify(fact)}\n`, { mode: 0o600 });
    renameSync(join(spool, "tmp", name), join(spool, "new", name));
  } catch (cause) {
    throw new AoError("UNAVAILABLE", `the daemon is not responding, and ${spool} cannot be written`, { cause });
  }
}
