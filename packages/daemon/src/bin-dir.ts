import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atomicReplace, ensureDir } from "@agent-orchestrator/core/host/files";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";
import { binDirOf } from "./environments.ts";

/** The folder with an `ao` of this exact build, for the PATH of sessions. */
export function writeOwnCommand(home: string): void {
  const dir = binDirOf(home);
  ensureDir(dir);
  const cli = fileURLToPath(new URL("../bin/ao.js", import.meta.url));
  const file = join(dir, "ao");
  atomicReplace(file, `#!/bin/sh\nexec ${shellQuote(process.execPath)} ${shellQuote(cli)} "$@"\n`, { mode: 0o700 });
}
