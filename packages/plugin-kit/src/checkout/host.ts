import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Log, PluginContext } from "@agent-orchestrator/core/slots/common";
import { listFolder } from "../files/folders.ts";
import { removeTree } from "../files/remove-tree.ts";
import { takeLease } from "../git/lease.ts";
import { type GitHost, gitVersion } from "../git/run.ts";

/** What the checkout functions need of the plugin they work for. */
export interface CheckoutHost extends GitHost {
  log: Log;
  /** The plugin's own folder. */
  stateDir: string;
}

export interface CheckoutHosts {
  /** For reading. */
  reader: CheckoutHost;
  /** For writing: waits for programs of an earlier daemon first, and checks git once. */
  writer(): Promise<CheckoutHost>;
}

export function checkoutHosts(context: PluginContext | undefined, name: string): CheckoutHosts {
  if (context === undefined) throw new AoError("PLUGIN", `the workspace plugin ${name} needs a plugin context`);
  const { stateDir, clock, log } = context;
  const env = () => context.env();
  const scratch = join(stateDir, "scratch");
  const reader: CheckoutHost = { env, scratch, clock, log, stateDir, remoteFile: join(stateDir, "remote.json") };
  let ready: Promise<CheckoutHost> | undefined;
  const prepare = async (): Promise<CheckoutHost> => {
    await gitVersion(reader);
    const leaseFd = await takeLease({ file: join(stateDir, "lease"), env: env(), clock });
    await sweepScratch(reader);
    return { ...reader, leaseFd };
  };
  return {
    reader,
    writer() {
      ready ??= prepare();
      ready.catch(() => {
        ready = undefined; // The next call tries again.
      });
      return ready;
    },
  };
}

const STALE_MS = 60 * 60_000;

/** Short-lived folders that a killed daemon left. Young ones may belong to a call under way. */
async function sweepScratch(host: CheckoutHost): Promise<void> {
  const names = await listFolder(host.scratch);
  for (const name of names) {
    const path = join(host.scratch, name);
    const found = await lstat(path).catch(() => null);
    if (found !== null && host.clock.now() - found.mtimeMs > STALE_MS) await removeTree(path);
  }
}
