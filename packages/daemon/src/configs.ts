import { homedir } from "node:os";
import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { Log } from "@agent-orchestrator/core/slots/common";
import type { Store } from "@agent-orchestrator/core/store/store";
import { EMBEDDED_DEFAULTS } from "./builtin.ts";
import { type FoundConfig, findConfig } from "./config/find.ts";
import type { ConfigWorld, InstanceConfig } from "./config/instance.ts";
import { maskSecrets, secretValues } from "./config/interpolate.ts";
import { loadConfig } from "./config/load.ts";
import { diffTrust } from "./config/trust.ts";

type Env = Record<string, string>;

/** The configs this daemon has been shown, each as its file is at this moment or as it last was good. */
export interface Configs {
  /** The instance in which this caller stands, as its file is now. Throws CONFIG: none, or not valid. */
  forCaller(caller: Caller): Promise<InstanceConfig>;
  /** As it last was good. */
  get(instanceId: string): InstanceConfig | null;
  all(): InstanceConfig[];
  projectIds(): string[];
  /** Throws UNTRUSTED, with what would run in `details`. */
  requireTrusted(instanceId: string): void;
  trust(instance: InstanceConfig, pin: string): Promise<InstanceConfig>;
  trustDiff(instance: InstanceConfig, before: string | null): string | null;
  /** For printing: secrets masked. */
  shown(instance: InstanceConfig): unknown;
  /** The environment that fills an instance's variables in. */
  envOf(instanceId: string): Env;
  redact(text: string): string;
  /** Edits that are not in force because they are broken: one line each. */
  problems(): string[];
  /** Reads what was known when the daemon last ran. */
  loadKnown(): Promise<void>;
  /** Reads one again: its file changed. */
  reload(instanceId: string): void;
  onChange(listener: (instance: InstanceConfig) => void): void;
}

interface Deps {
  store: Store;
  engine(): Engine;
  home: string;
  env: Env;
  log: Log;
}

export const createConfigs = (deps: Deps): Configs => new LoadedConfigs(deps);

class LoadedConfigs implements Configs {
  readonly #deps: Deps;
  readonly #loaded = new Map<string, InstanceConfig>();
  readonly #founds = new Map<string, FoundConfig>();
  readonly #envs = new Map<string, Env>();
  readonly #broken = new Map<string, string>();
  readonly #listeners = new Set<(instance: InstanceConfig) => void>();
  #secrets: string[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async forCaller(caller: Caller): Promise<InstanceConfig> {
    const { store, home } = this.#deps;
    const found = findConfig({
      cwd: caller.cwd,
      home,
      ...(caller.configPath === undefined ? {} : { explicit: caller.configPath }),
      env: { AO_CONFIG_PATH: caller.env?.AO_CONFIG_PATH, AO_SESSION_ID: caller.sessionId },
      ownerOf: (path) => ownerOf(store, (root) => path === root || path.startsWith(`${root}/`)),
      ownerOfSession: (id) => ownerOf(store, (_root, sessionId) => sessionId === id),
    });
    if (caller.env !== undefined) this.#envs.set(found.instanceId, caller.env);
    const instance = this.#read(found);
    await register(this.#deps.engine(), instance);
    return instance;
  }

  get(id: string): InstanceConfig | null {
    return this.#loaded.get(id) ?? null;
  }

  all(): InstanceConfig[] {
    return [...this.#loaded.values()];
  }

  projectIds(): string[] {
    return this.all().flatMap(({ projects }) => projects.map(({ id }) => id));
  }

  requireTrusted(id: string): void {
    const instance = this.#loaded.get(id);
    if (instance === undefined) throw new AoError("CONFIG", "the config of this session is missing or broken");
    if (instance.trust.isTrusted) return;
    throw untrusted(instance, this.#deps.store.state.instances[id]?.trustedText ?? null);
  }

  async trust(instance: InstanceConfig, pin: string): Promise<InstanceConfig> {
    if (pin !== instance.trust.pin) {
      throw new AoError("TRY_AGAIN", `${instance.path} changed meanwhile`, {
        hint: "Run `ao trust` again and read what is new.",
      });
    }
    const { id, path: configPath } = instance;
    await this.#deps.engine().change((state) => {
      const entry = { ...state.instances[id], id, configPath, trustedPin: pin, trustedText: instance.trust.text };
      return { state: { ...state, instances: { ...state.instances, [id]: entry } } };
    });
    const found = this.#founds.get(id);
    return found === undefined ? instance : this.#read(found);
  }

  trustDiff(instance: InstanceConfig, before: string | null): string | null {
    return before === null ? null : diffTrust(before, instance.trust.text).join("\n");
  }

  shown(instance: InstanceConfig): unknown {
    return maskSecrets({ ...instance, brokenProjects: undefined, policies: undefined, trust: undefined });
  }

  envOf(id: string): Env {
    return this.#envs.get(id) ?? this.#deps.env;
  }

  redact(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
  }

  problems(): string[] {
    return [...this.#broken.values()];
  }

  async loadKnown(): Promise<void> {
    for (const id of Object.keys(this.#deps.store.state.instances)) this.reload(id);
  }

  reload(id: string): void {
    const { store, home, log } = this.#deps;
    const path = store.state.instances[id]?.configPath;
    const nobody = () => null;
    try {
      const found =
        this.#founds.get(id) ??
        (path === undefined
          ? null
          : findConfig({ cwd: "/", home, explicit: path, env: {}, ownerOf: nobody, ownerOfSession: nobody }));
      if (found !== null) this.#read(found);
    } catch (error) {
      if (!isAoError(error)) throw error;
      this.#broken.set(id, error.message);
      log.warn(`config: ${error.message}`);
    }
  }

  onChange(listener: (instance: InstanceConfig) => void): void {
    this.#listeners.add(listener);
  }

  #read(found: FoundConfig): InstanceConfig {
    const id = found.instanceId;
    const instance = loadConfig(found, this.#world(id));
    this.#founds.set(id, found);
    this.#loaded.set(id, instance);
    this.#broken.delete(id);
    this.#secrets = [...new Set([...this.#secrets, ...secretValues(instance.notifiers, this.envOf(id))])];
    for (const listener of this.#listeners) listener(instance);
    return instance;
  }

  #world(id: string): ConfigWorld {
    return {
      home: this.#deps.home,
      userHome: this.envOf(id).HOME ?? homedir(),
      env: this.envOf(id),
      embedded: EMBEDDED_DEFAULTS,
      trustedPinOf: (instanceId) => this.#deps.store.state.instances[instanceId]?.trustedPin ?? null,
    };
  }
}

function ownerOf(store: Store, fits: (root: string, sessionId: string) => boolean): { configPath: string } | null {
  for (const record of Object.values(store.state.sessions)) {
    if (record.workspacePath === null || !fits(record.workspacePath, record.id)) continue;
    const instance = store.state.instances[record.instanceId];
    if (instance !== undefined) return { configPath: instance.configPath };
  }
  return null;
}

/** The first time this config is seen (or seen elsewhere): remembered, untrusted. */
async function register(engine: Engine, instance: InstanceConfig): Promise<void> {
  const known = engine.state.instances[instance.id];
  if (known !== undefined && known.configPath === instance.path) return;
  await engine.change((state) => {
    const entry = {
      trustedPin: null,
      trustedText: null,
      ...state.instances[instance.id],
      id: instance.id,
      configPath: instance.path,
    };
    return { state: { ...state, instances: { ...state.instances, [instance.id]: entry } } };
  });
}

function untrusted(instance: InstanceConfig, before: string | null): AoError {
  const diff = before === null ? null : diffTrust(before, instance.trust.text).join("\n");
  const what = before === null ? "is not trusted yet" : "has changed in parts that run commands";
  return new AoError("UNTRUSTED", `${instance.path} ${what}: nothing in it runs`, {
    hint: "Read it, then say `ao trust`.",
    details: { configPath: instance.path, text: instance.trust.text, diff, pin: instance.trust.pin },
  });
}
