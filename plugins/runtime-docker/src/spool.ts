import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { listFolder } from "@agent-orchestrator/plugin-kit/files/folders";
import { lookOnChange } from "@agent-orchestrator/plugin-kit/files/look-on-change";
import { readSmallFile } from "@agent-orchestrator/plugin-kit/files/read-small";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { placesOf, type Run } from "./layout.ts";

const MAX_BYTES = 256 * 1024;
const POLL_MS = 2_000;
/** How long the daemon gets to take a file, before the program in the container is told that it is stored. */
const TAKEN_MS = 900;

/**
 * Passes on what the programs of a container put into their own spool. They don't see the daemon's, with the facts and proofs of other
 * sessions. A file leaves their spool once the daemon has taken it, so that `ao report` inside can tell.
 */
export function forwardSpool(run: Run, context: PluginContext, signal: AbortSignal) {
  const from = join(placesOf(run).spool, "new");
  const to = join(context.home, "daemon", "spool");

  async function pass(name: string): Promise<void> {
    const path = join(from, name);
    const text = await readSmallFile(path, MAX_BYTES);
    if (text === null || !existsSync(join(to, "new"))) return await removeTree(path);
    const target = `${run.key}-${name.replaceAll(/[^\w.-]/g, "_")}`.slice(-200);
    writeFileSync(join(to, "tmp", target), text, { mode: 0o600 });
    renameSync(join(to, "tmp", target), join(to, "new", target));
    const end = context.clock.monotonic() + TAKEN_MS;
    while (existsSync(join(to, "new", target)) && context.clock.monotonic() < end) await context.clock.sleep(10);
    await removeTree(path);
  }

  async function look(): Promise<void> {
    const names = (await listFolder(from)).filter((name) => !name.startsWith("."));
    await Promise.all(
      names.map((name) =>
        pass(name).catch((error: unknown) =>
          context.log.warn("a fact from a container could not be passed on", {
            container: run.key,
            error: String(error),
          }),
        ),
      ),
    );
  }

  const folder = lookOnChange({
    path: from,
    isFolder: true,
    clock: context.clock,
    signal,
    pollMs: POLL_MS,
    gapMs: 0,
    isOfInterest: (name) => !name.startsWith("."),
    look,
  });
  return { ended: folder.ended, drain: look };
}
