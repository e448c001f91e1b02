import type { App, Call } from "./app.ts";
import { BUILTIN, EMBEDDED_DEFAULTS } from "./builtin.ts";
import { detectProject, type Offer } from "./init/detect.ts";
import { proposeConfig } from "./init/render.ts";
import { newConfigPath, writeConfig } from "./init/write.ts";
import type { Registry } from "./registry/registry.ts";

interface Wanted {
  path?: string | undefined;
  isDryRun?: boolean | undefined;
}

/** Detects, writes and trusts a config for the caller's repository (or the one at `path`). */
export async function initHere(
  app: App,
  call: Call,
  wanted: Wanted,
): Promise<{ path: string; text: string; notes: string[] }> {
  const env = call.caller.env ?? (await app.environments.base());
  const host = { env: () => env, scratch: app.store.layout.daemon, clock: app.world.clock };
  const found = await detectProject(wanted.path ?? call.caller.cwd, host, offerOf(app.registry));
  const { text, notes } = proposeConfig(found, { builtin: BUILTIN, embedded: EMBEDDED_DEFAULTS });
  const path = newConfigPath(found.root);
  if (wanted.isDryRun === true) return { path, text, notes };
  writeConfig(path, text);
  const instance = await app.configs.forCaller({ ...call.caller, cwd: found.root, configPath: path });
  await app.configs.trust(instance, instance.trust.pin);
  return { path, text, notes };
}

/** What the plugins say of themselves that decides about a new config. */
export function offerOf(registry: Pick<Registry, "manifests">): Offer {
  const [first, ...others] = registry.manifests("runtime");
  const runtime = [first, ...others].find((manifest) => manifest?.name === EMBEDDED_DEFAULTS.runtime) ?? first;
  if (runtime === undefined) throw new Error("this release has no runtime");
  const hosts = registry.manifests("scm").flatMap((manifest) => manifest.hosts ?? []);
  return { agents: registry.manifests("agent"), runtime, hosts };
}
