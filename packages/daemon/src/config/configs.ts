import { existsSync } from "node:fs";
import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { userHome } from "@agent-orchestrator/core/host/user";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { InstanceState } from "@agent-orchestrator/core/model/state";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { Store } from "@agent-orchestrator/core/store/store";
import { EMBEDDED_DEFAULTS, isBuiltin } from "../builtin.ts";
import { environmentKey } from "../environment/environment-key.ts";
import { createUserTokens } from "../environment/user-tokens.ts";
import type { ConfigProblem, Configs } from "./configs-interface.ts";
import { type FindConfig, type FoundConfig, findConfig, knownIdOf } from "./find.ts";
import type { ConfigWorld, InstanceConfig } from "./instance.ts";
import {
  brokenProblem,
  claimFolders,
  lookAtHeld,
  placeOf,
  placeOfCaller,
  register,
  untrusted,
  waitingProblem,
} from "./known-configs.ts";
import { movedError, movedHere } from "./moved.ts";
import { MACHINE_SESSIONS } from "./resolve.ts";
import { secretsOf } from "./secrets.ts";
import { type ConfigSource, createConfigSource } from "./source.ts";
import { TrustRecord } from "./trust-record.ts";
import { type ConfigChange, type ConfigWatch, watchConfig } from "./watch.ts";

type Env = Record<string, string>;

export type { Configs };

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
  readonly tokens = createUserTokens((values) => this.keepSecret(values));
  readonly #deps: Deps;
  readonly #record: TrustRecord;
  readonly #loaded = new Map<string, InstanceConfig>();
  readonly #sources = new Map<string, Source>();
  readonly #trusted = new Map<string, InstanceConfig>();
  readonly #envs = new Map<string, Env>();
  readonly #broken = new Map<string, string>();
  #secrets: string[] = [];
  #machineSessions = MACHINE_SESSIONS;

  constructor(deps: Deps) {
    this.#deps = deps;
    const { engine, log } = deps;
    this.#record = new TrustRecord({ state: () => deps.store.state, engine, log, redact: (text) => this.redact(text) });
  }

  async look(caller: Caller): Promise<InstanceConfig> {
    return this.#sourceOf(this.#find(caller)).source.fresh();
  }

  #find(caller: Caller): FoundConfig {
    return findConfig(placeOfCaller(caller, { ...this.#deps, idOf: (dir) => this.#idOf(dir) }));
  }

  noteTokens(caller: Caller): void {
    try {
      this.tokens.note(this.#find(caller).instanceId, caller.env);
    } catch {} // There is no config. The request says so, if it needs one.
  }

  async forCaller(caller: Caller): Promise<InstanceConfig> {
    const { store } = this.#deps;
    const found = this.#find(caller);
    if (caller.env !== undefined) this.#envs.set(found.instanceId, caller.env);
    this.tokens.note(found.instanceId, caller.env); // It may be another one than that of the caller's folder.
    const { source } = this.#sourceOf(found);
    if (store.state.instances[found.instanceId] === undefined) {
      const moved = await movedHere(store.state, this.gone(), source.fresh());
      if (moved.length > 0) throw movedError(store.state, moved, found.path);
    }
    const instance = this.#accept(source.fresh());
    await register(this.#deps.engine(), instance);
    return instance;
  }

  gone(): InstanceState[] {
    return Object.values(this.#deps.store.state.instances).filter(({ configPath }) => !existsSync(configPath));
  }

  async adopt(id: string, path: string): Promise<InstanceConfig> {
    const found = findConfig(this.#placeOf(path));
    await this.#deps.engine().command({ kind: "move-config", id, configPath: found.path });
    if (found.instanceId !== id) await this.#drop(found.instanceId);
    const instance = this.#accept(this.#sourceOf({ ...found, instanceId: id }).source.fresh());
    claimFolders(this.#deps.store, instance);
    return instance;
  }

  async forget(id: string): Promise<void> {
    await this.#drop(id);
    this.#envs.delete(id);
    await this.#deps.engine().command({ kind: "forget-config", id });
  }

  async #drop(id: string): Promise<void> {
    const known = this.#sources.get(id);
    for (const table of [this.#sources, this.#loaded, this.#trusted, this.#broken]) table.delete(id);
    await (await known?.watch)?.close();
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
    // The file may have reappeared or changed since the last look.
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
      throw new AoError("TRY_AGAIN", `${instance.path} has changed meanwhile`, {
        hint: "Run `ao trust` again and review what changed.",
      });
    }
    await this.#record.save(instance);
    const known = this.#sources.get(instance.id);
    return known === undefined ? instance : this.#accept(known.source.fresh());
  }

  envOf(id: string): Env {
    return this.#envs.get(id) ?? this.#deps.env;
  }

  callerEnv(id: string): Env | null {
    return this.#envs.get(id) ?? null;
  }

  redact(text: string, mark = "…"): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, mark), text);
  }

  keepSecret(values: readonly string[]): void {
    this.#secrets = [...new Set([...this.#secrets, ...values])].sort((a, b) => b.length - a.length);
  }

  problems(): ConfigProblem[] {
    const gone = new Set(this.gone().map(({ id }) => id));
    const broken = [...this.#broken].flatMap(([id, message]) => (gone.has(id) ? [] : [brokenProblem(message)]));
    const changed = this.all().filter(({ id, trust }) => !trust.isTrusted && this.#record.of(id) !== null);
    return [...broken, ...changed.map(({ id, path }) => waitingProblem(path, this.#trusted.has(id)))];
  }

  begin(): void {
    this.#record.open();
  }

  async loadKnown(): Promise<void> {
    for (const { id, configPath } of Object.values(this.#deps.store.state.instances)) this.#reload(id, configPath);
  }

  #placeOf(path: string): FindConfig {
    return placeOf(path, this.#deps.home, (dir) => this.#idOf(dir));
  }

  #idOf(dir: string): string {
    return knownIdOf(dir, Object.values(this.#deps.store.state.instances));
  }

  #reload(id: string, path: string): void {
    try {
      const found = { ...findConfig(this.#placeOf(path)), instanceId: id };
      this.#accept(this.#sourceOf(found).source.fresh());
    } catch (error) {
      this.#refuse(id, toAoError(error));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sources.values()].map(async ({ watch }) => (await watch)?.close()));
  }

  /** Returns the instance's source. A changed environment creates a new one, because it fills in other values. */
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
    const { clock, log } = this.#deps;
    const onChange = ({ config, error }: ConfigChange) => {
      if (error !== null) this.#refuse(source.found.instanceId, error);
      else if (config !== null) this.#accept(config);
    };
    try {
      return await watchConfig(source, { clock, onChange });
    } catch (error) {
      log.warn(`config: ${source.found.path} cannot be watched: ${toAoError(error).message}`);
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
    this.keepSecret(secretsOf(instance, this.envOf(id)));
    if (instance.trust.isTrusted) this.#record.tighten(instance);
    const inForce = instance.trust.isTrusted ? instance : this.#lastTrusted(id);
    if (inForce !== null) this.#trusted.set(id, inForce);
    if (!isNew) lookAtHeld(this.#deps.store, this.#deps.engine(), id);
    return instance;
  }

  /** What applies while a change waits, with the user's own config as it is now. Null if what was trusted was not kept. */
  #lastTrusted(id: string): InstanceConfig | null {
    try {
      const instance = this.#sources.get(id)?.source.trusted() ?? null;
      if (instance !== null) this.keepSecret(secretsOf(instance, this.envOf(id)));
      return instance;
    } catch (error) {
      this.#deps.log.warn(`config: what was last trusted can't be used: ${toAoError(error).message}`);
      return null;
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
      isBuiltin,
      trustedOf: (instanceId) => this.#record.of(instanceId),
    };
  }
}
