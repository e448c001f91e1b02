import { existsSync } from "node:fs";
import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { InstanceState } from "@agent-orchestrator/core/model/state";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { Store } from "@agent-orchestrator/core/store/store";
import { createUserTokens } from "../environment/user-tokens.ts";
import type { ConfigProblem, Configs } from "./configs-interface.ts";
import { type FindConfig, type FoundConfig, findConfig, knownIdOf } from "./find.ts";
import { createInForce, type InForce } from "./in-force.ts";
import type { InstanceConfig } from "./instance.ts";
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
import { createMask, secretsOf } from "./secrets.ts";
import { createSources, type Sources } from "./sources.ts";
import { TrustRecord } from "./trust-record.ts";

type Env = Record<string, string>;

export type { Configs };

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
  readonly #mask = createMask();
  readonly redact = this.#mask.redact;
  readonly keepSecret = this.#mask.keep;
  readonly tokens = createUserTokens(this.keepSecret);
  readonly #deps: Deps;
  readonly #record: TrustRecord;
  readonly #inForce: InForce;
  readonly #sources: Sources;
  readonly #envs = new Map<string, Env>();

  constructor(deps: Deps) {
    this.#deps = deps;
    const { engine, log } = deps;
    this.#record = new TrustRecord({ state: () => deps.store.state, engine, log, redact: this.redact });
    this.#inForce = createInForce(log, (id) => this.#lastTrusted(id));
    this.#sources = createSources({
      ...{
        clock: deps.clock,
        log,
        home: deps.home,
        envOf: (id) => this.envOf(id),
        trustedOf: (id) => this.#record.of(id),
      },
      ...{ onConfig: (config) => this.#accept(config), onBroken: (id, error) => this.#inForce.refuse(id, error) },
    });
  }

  async look(caller: Caller): Promise<InstanceConfig> {
    return this.#sources.of(this.#find(caller)).fresh();
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
    const source = this.#sources.of(found);
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
    const instance = this.#accept(this.#sources.of({ ...found, instanceId: id }).fresh());
    claimFolders(this.#deps.store, instance);
    return instance;
  }

  async forget(id: string): Promise<void> {
    await this.#drop(id);
    this.#envs.delete(id);
    await this.#deps.engine().command({ kind: "forget-config", id });
  }

  async #drop(id: string): Promise<void> {
    this.#inForce.drop(id);
    await this.#sources.drop(id);
  }

  get = (id: string): InstanceConfig | null => this.#inForce.get(id);

  all(): InstanceConfig[] {
    return this.#inForce.all();
  }

  projectIds(): string[] {
    return this.all().flatMap(({ projects }) => projects.map(({ id }) => id));
  }

  machineSessions(): number {
    return this.#inForce.machineSessions();
  }

  requireTrusted(id: string): void {
    // The file may have reappeared or changed since the last look.
    const known = this.#deps.store.state.instances[id];
    if (known !== undefined) this.#reload(id, known.configPath);
    const instance = this.#inForce.loaded(id);
    if (instance === null) throw new AoError("CONFIG", "the config of this session is missing or broken");
    this.requireInForce(instance);
  }

  requireInForce(instance: InstanceConfig): void {
    if (instance.trust.isTrusted) return;
    throw untrusted(instance, this.#deps.store.state.instances[instance.id]?.trustedText ?? null);
  }

  async trust(instance: InstanceConfig, pin: string): Promise<InstanceConfig> {
    if (pin !== instance.trust.pin) throw changedMeanwhile(instance);
    await this.#record.save(instance);
    const source = this.#sources.known(instance.id);
    return source === null ? instance : this.#accept(source.fresh());
  }

  envOf(id: string): Env {
    return this.#envs.get(id) ?? this.#deps.env;
  }

  callerEnv(id: string): Env | null {
    return this.#envs.get(id) ?? null;
  }

  problems(): ConfigProblem[] {
    const gone = new Set(this.gone().map(({ id }) => id));
    const broken = [...this.#inForce.broken()].flatMap(([id, message]) =>
      gone.has(id) ? [] : [brokenProblem(message)],
    );
    const changed = this.all().filter(({ id, trust }) => !trust.isTrusted && this.#record.of(id) !== null);
    return [...broken, ...changed.map(({ id, path }) => waitingProblem(path, this.#inForce.hasTrusted(id)))];
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
      this.#accept(this.#sources.of(found).fresh());
    } catch (error) {
      this.#inForce.refuse(id, toAoError(error));
    }
  }

  close = (): Promise<void> => this.#sources.close();

  #accept(instance: InstanceConfig): InstanceConfig {
    const { id } = instance;
    const isNew = this.#inForce.loaded(id) === null;
    if (!this.#inForce.accept(instance)) return instance;
    this.keepSecret(secretsOf(instance, this.envOf(id)));
    if (instance.trust.isTrusted) this.#record.tighten(instance);
    if (!isNew) lookAtHeld(this.#deps.store, this.#deps.engine(), id);
    return instance;
  }

  #lastTrusted(id: string): InstanceConfig | null {
    const instance = this.#sources.known(id)?.trusted() ?? null;
    if (instance !== null) this.keepSecret(secretsOf(instance, this.envOf(id)));
    return instance;
  }
}

const changedMeanwhile = ({ path }: InstanceConfig): AoError =>
  new AoError("TRY_AGAIN", `${path} has changed meanwhile`, {
    hint: "Run `ao trust` again and review what changed.",
  });
