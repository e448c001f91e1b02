import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { readText } from "@agent-orchestrator/core/host/files";
import type { App, Call } from "../app.ts";
import { BUILTIN, EMBEDDED_DEFAULTS } from "../builtin.ts";
import type { Registry } from "../registry/registry.ts";
import { detectProject, type Offer } from "./detect.ts";
import { proposeConfig } from "./render.ts";
import { newConfigPath, writeConfig } from "./write.ts";

interface Wanted {
  path?: string | undefined;
  isDryRun?: boolean | undefined;
}

/** Detects, writes and trusts a config for the caller's repository (or the one at `path`). */
export async function initHere(app: App, call: Call, wanted: Wanted): Promise<Made> {
  const known = call.wish.known?.result as (Made & { root: string }) | undefined;
  const { root, ...made } = known ?? (await propose(app, call, wanted));
  if (wanted.isDryRun === true) return made;
  if (known === undefined) {
    newConfigPath(root); // throws if there is one
    await call.wish.keep({ result: { root, ...made } });
  }
  const found = readText(made.path);
  if (found === null) writeConfig(made.path, made.text);
  failpoint("init.written");
  // Somebody has changed it since: that is theirs to trust.
  if (found !== null && found !== made.text) return made;
  const instance = await app.configs.forCaller({ ...call.caller, cwd: root, configPath: made.path });
  await app.configs.trust(instance, instance.trust.pin);
  return made;
}

interface Made {
  path: string;
  text: string;
  notes: string[];
}

async function propose(app: App, call: Call, wanted: Wanted): Promise<Made & { root: string }> {
  const env = call.caller.env ?? (await app.environments.base());
  const host = { env: () => env, scratch: app.store.layout.daemon, clock: app.world.clock };
  const found = await detectProject(wanted.path ?? call.caller.cwd, host, offerOf(app.registry));
  const { text, notes } = proposeConfig(found, { builtin: BUILTIN, embedded: EMBEDDED_DEFAULTS });
  return { root: found.root, path: newConfigPath(found.root), text, notes };
}

/** What the plugins say of themselves that decides about a new config. */
export function offerOf(registry: Pick<Registry, "manifests">): Offer {
  const [first, ...others] = registry.manifests("runtime");
  const runtime = [first, ...others].find((manifest) => manifest?.name === EMBEDDED_DEFAULTS.runtime) ?? first;
  if (runtime === undefined) throw new Error("this release has no runtime");
  const hosts = registry.manifests("scm").flatMap((manifest) => manifest.hosts ?? []);
  return { agents: registry.manifests("agent"), runtime, hosts };
}
