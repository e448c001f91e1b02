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
  store(): Store;
  engine(): Engine;
  home: string;
  env: Env;
  log: Log;
}

export function createConfigs(deps: Deps): Configs {
  const loaded = new Map<string, InstanceConfig>();
  const founds = new Map<string, FoundConfig>();
  const envs = new Map<string, Env>();
  const broken = new Map<string, string>();
  const listeners = new Set<(instance: InstanceConfig) => void>();
  let secrets: string[] = [];

  const envOf = (id: string): Env => envs.get(id) ?? deps.env;
  const world = (id: string): ConfigWorld => ({
    home: deps.home,
    userHome: envOf(id).HOME ?? homedir(),
    env: envOf(id),
    embedded: EMBEDDED_DEFAULTS,
    trustedPinOf: (instanceId) => deps.store().state.instances[instanceId]?.trustedPin ?? null,
  });

  function read(found: FoundConfig): InstanceConfig {
    const instance = loadConfig(found, world(found.instanceId));
    founds.set(found.instanceId, found);
    loaded.set(found.instanceId, instance);
    broken.delete(found.instanceId);
    secrets = [...new Set([...secrets, ...secretValues(instance.notifiers, envOf(found.instanceId))])];
    for (const listener of listeners) listener(instance);
    return instance;
  }

  async function forCaller(caller: Caller): Promise<InstanceConfig> {
    const found = findConfig({
      cwd: caller.cwd,
      home: deps.home,
      ...(caller.configPath === undefined ? {} : { explicit: caller.configPath }),
      env: { AO_CONFIG_PATH: caller.env?.AO_CONFIG_PATH, AO_SESSION_ID: caller.sessionId },
      ownerOf: (path) => ownerOf(deps.store(), (root) => path === root || path.startsWith(`${root}/`)),
      ownerOfSession: (id) => ownerOf(deps.store(), (_root, sessionId) => sessionId === id),
    });
    if (caller.env !== undefined) envs.set(found.instanceId, caller.env);
    const instance = read(found);
    await register(deps.engine(), instance);
    return instance;
  }

  return {
    forCaller,
    get: (id) => loaded.get(id) ?? null,
    all: () => [...loaded.values()],
    projectIds: () => [...loaded.values()].flatMap(({ projects }) => projects.map(({ id }) => id)),
    requireTrusted(id) {
      const instance = loaded.get(id);
      if (instance === undefined) throw new AoError("CONFIG", "the config of this session is missing or broken");
      if (!instance.trust.isTrusted) throw untrusted(instance, deps.store().state.instances[id]?.trustedText ?? null);
    },
    async trust(instance, pin) {
      if (pin !== instance.trust.pin) {
        throw new AoError("TRY_AGAIN", `${instance.path} changed meanwhile`, {
          hint: "Run `ao trust` again and read what is new.",
        });
      }
      await deps.engine().change((state) => {
        const known = state.instances[instance.id];
        const entry = {
          ...known,
          id: instance.id,
          configPath: instance.path,
          trustedPin: pin,
          trustedText: instance.trust.text,
        };
        return { state: { ...state, instances: { ...state.instances, [instance.id]: entry } } };
      });
      const found = founds.get(instance.id);
      return found === undefined ? instance : read(found);
    },
    trustDiff: (instance, before) => (before === null ? null : diffTrust(before, instance.trust.text).join("\n")),
    shown: (instance) => maskSecrets({ ...instance, brokenProjects: undefined, policies: undefined, trust: undefined }),
    envOf,
    redact: (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text),
    problems: () => [...broken.values()],
    async loadKnown() {
      for (const { id } of Object.values(deps.store().state.instances)) this.reload(id);
    },
    reload(id) {
      const path = founds.get(id)?.path ?? deps.store().state.instances[id]?.configPath;
      if (path === undefined) return;
      try {
        read(
          founds.get(id) ??
            findConfig({
              cwd: "/",
              home: deps.home,
              explicit: path,
              env: {},
              ownerOf: () => null,
              ownerOfSession: () => null,
            }),
        );
      } catch (error) {
        if (!isAoError(error)) throw error;
        broken.set(id, error.message);
        deps.log.warn(`config: ${error.message}`);
      }
    },
    onChange: (listener) => void listeners.add(listener),
  };
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
