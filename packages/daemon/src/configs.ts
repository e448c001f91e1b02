import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { userHome } from "@agent-orchestrator/core/host/user";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { Store } from "@agent-orchestrator/core/store/store";
import { EMBEDDED_DEFAULTS } from "./builtin.ts";
import { type FoundConfig, findConfig } from "./config/find.ts";
import type { ConfigWorld, InstanceConfig } from "./config/instance.ts";
import { maskSecrets } from "./config/interpolate.ts";
import { MACHINE_SESSIONS } from "./config/resolve.ts";
import { secretsOf } from "./config/secrets.ts";
import { type ConfigSource, createConfigSource } from "./config/source.ts";
import { diffTrust } from "./config/trust.ts";
import { type ConfigWatch, watchConfig } from "./config/watch.ts";
import { register, untrusted } from "./known-configs.ts";

type Env = Record<string, string>;

/** The configs this daemon has been shown, each as its file is at this moment or as it last was good. */
export interface Configs {
  /** The instance in which this caller stands, as its file is now. Throws CONFIG: none, or not valid. */
  forCaller(caller: Caller): Promise<InstanceConfig>;
  /** What running sessions live by: as it last was good and trusted; where it never was, as it last was good. */
  get(instanceId: string): InstanceConfig | null;
  all(): InstanceConfig[];
  projectIds(): string[];
  /** How many agents may work at the same time on this machine, as the user's own config last said. */
  machineSessions(): number;
  /** Throws UNTRUSTED, with what would run in `details`. */
  requireTrusted(instanceId: string): void;
  /** The same of a config in hand. */
  requireInForce(instance: InstanceConfig): void;
  trust(instance: InstanceConfig, pin: string): Promise<InstanceConfig>;
  trustDiff(instance: InstanceConfig, before: string | null): string | null;
  /** For printing: secrets masked. */
  shown(instance: InstanceConfig): unknown;
  /** The environment that fills an instance's variables in. */
  envOf(instanceId: string): Env;
  /** That of the last command about this instance; null: there was none. */
  callerEnv(instanceId: string): Env | null;
  redact(text: string): string;
  /** Masked from now on, the longest first: one may be a part of another. */
  keepSecret(values: readonly string[]): void;
  /** Edits that are not in force because they are broken: one line each. */
  problems(): string[];
  /** Reads what was known when the daemon last ran. */
  loadKnown(): Promise<void>;
  /** Stops watching the files. */
  close(): Promise<void>;
}

interface Source {
  source: ConfigSource;
  envKey: string;
  watch: Promise<ConfigWatch | null>;
}

interface Deps {
  clock: Clock;
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
  readonly #sources = new Map<string, Source>();
  readonly #trusted = new Map<string, InstanceConfig>();
  readonly #envs = new Map<string, Env>();
  readonly #broken = new Map<string, string>();
  #secrets: string[] = [];
  #machineSessions = MACHINE_SESSIONS;

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
    const instance = this.#accept(this.#sourceOf(found).source.fresh());
    await register(this.#deps.engine(), instance);
    return instance;
  }

  get(id: string): InstanceConfig | null {
    return this.#trusted.get(id) ?? this.#loaded.get(id) ?? null;
  }

  all(): InstanceConfig[] {
    return [...this.#loaded.values()];
  }

  projectIds(): string[] {
    return this.all().flatMap(({ projects }) => projects.map(({ id }) => id));
  }

  machineSessions(): number {
    return this.#machineSessions;
  }

  requireTrusted(id: string): void {
    // As the file is now: it may have come back, or changed, since anybody looked.
    const known = this.#deps.store.state.instances[id];
    if (known !== undefined) this.#reload(id, known.configPath);
    const instance = this.#loaded.get(id);
    if (instance === undefined) throw new AoError("CONFIG", "the config of this session is missing or broken");
    this.requireInForce(instance);
  }

  requireInForce(instance: InstanceConfig): void {
    if (instance.trust.isTrusted) return;
    throw untrusted(instance, this.#deps.store.state.instances[instance.id]?.trustedText ?? null);
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
    const known = this.#sources.get(id);
    return known === undefined ? instance : this.#accept(known.source.fresh());
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

  callerEnv(id: string): Env | null {
    return this.#envs.get(id) ?? null;
  }

  redact(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
  }

  keepSecret(values: readonly string[]): void {
    this.#secrets = [...new Set([...this.#secrets, ...values])].sort((a, b) => b.length - a.length);
  }

  problems(): string[] {
    const changed = this.all().filter(({ id, trust }) => !trust.isTrusted && this.#trusted.has(id));
    return [
      ...this.#broken.values(),
      ...changed.map(({ path }) => `${path} has changed and is not trusted yet (\`ao trust\`)`),
    ];
  }

  async loadKnown(): Promise<void> {
    for (const { id, configPath } of Object.values(this.#deps.store.state.instances)) this.#reload(id, configPath);
  }

  #reload(id: string, path: string): void {
    const nobody = () => null;
    try {
      const place = {
        cwd: "/",
        home: this.#deps.home,
        explicit: path,
        env: {},
        ownerOf: nobody,
        ownerOfSession: nobody,
      };
      this.#accept(this.#sourceOf(findConfig(place)).source.fresh());
    } catch (error) {
      this.#refuse(id, toAoError(error));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sources.values()].map(async ({ watch }) => (await watch)?.close()));
  }

  /** One source per instance; a changed environment makes a new one, because it fills in other values. */
  #sourceOf(found: FoundConfig): Source {
    const id = found.instanceId;
    const envKey = environmentKey(this.envOf(id));
    const known = this.#sources.get(id);
    if (known !== undefined && known.envKey === envKey && known.source.found.path === found.path) return known;
    void known?.watch.then((watch) => watch?.close());
    const source = createConfigSource(found, this.#world(id));
    const made: Source = { source, envKey, watch: this.#watch(source) };
    this.#sources.set(id, made);
    return made;
  }

  async #watch(source: ConfigSource): Promise<ConfigWatch | null> {
    try {
      return await watchConfig(source, {
        clock: this.#deps.clock,
        onChange: ({ config, error }) => {
          if (error !== null) this.#refuse(source.found.instanceId, error);
          else if (config !== null) this.#accept(config);
        },
      });
    } catch (error) {
      this.#deps.log.warn(`config: ${source.found.path} is not watched: ${toAoError(error).message}`);
      return null;
    }
  }

  #accept(instance: InstanceConfig): InstanceConfig {
    const { id } = instance;
    this.#broken.delete(id);
    this.#machineSessions = instance.limits.machine;
    if (this.#loaded.get(id) === instance) return instance;
    const isNew = !this.#loaded.has(id);
    this.#loaded.set(id, instance);
    if (instance.trust.isTrusted) this.#trusted.set(id, instance);
    this.keepSecret(secretsOf(instance, this.envOf(id)));
    if (!isNew) this.#lookAtHeld(id);
    return instance;
  }

  /** A limit may have been raised: of what is used, or of how many may work. */
  #lookAtHeld(instanceId: string): void {
    for (const record of Object.values(this.#deps.store.state.sessions)) {
      const isHeld = Boolean(record.limit) || record.phase === "queued";
      if (isHeld && record.instanceId === instanceId) this.#deps.engine().tell(record.id, []);
    }
  }

  #refuse(id: string, error: AoError): void {
    if (this.#broken.get(id) === error.message) return;
    this.#broken.set(id, error.message);
    this.#deps.log.warn(`config: ${error.message}`);
  }

  #world(id: string): ConfigWorld {
    return {
      home: this.#deps.home,
      userHome: userHome(this.envOf(id)),
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

/** Where the caller stands and how deep its shells are says nothing about values. */
const POSITION = new Set(["PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES"]);

const environmentKey = (env: Env): string =>
  JSON.stringify(
    Object.entries(env)
      .filter(([name]) => !POSITION.has(name))
      .sort(),
  );
