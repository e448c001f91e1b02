import { type AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Log } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "./instance.ts";
import { MACHINE_SESSIONS } from "./resolve.ts";

/** What applies of each instance: its file as it is now, or what was last trusted of it while a change waits. */
export interface InForce {
  /** A file that can be read. False: it is known already. */
  accept(instance: InstanceConfig): boolean;
  /** A file that can't be used. What was accepted before stays. */
  refuse(id: string, error: AoError): void;
  /** What applies. */
  get(id: string): InstanceConfig | null;
  /** The file as it is, trusted or not. */
  loaded(id: string): InstanceConfig | null;
  all(): InstanceConfig[];
  /** Something older applies while a change waits for trust. */
  hasTrusted(id: string): boolean;
  /** Why each file that can't be used can't be. */
  broken(): ReadonlyMap<string, string>;
  machineSessions(): number;
  drop(id: string): void;
}

/** `lastTrusted`: what was last trusted of an instance, with the user's own config as it is now. Null if it was not kept. */
export function createInForce(log: Log, lastTrusted: (id: string) => InstanceConfig | null): InForce {
  const loaded = new Map<string, InstanceConfig>();
  const trusted = new Map<string, InstanceConfig>();
  const broken = new Map<string, string>();
  let machineSessions = MACHINE_SESSIONS;

  function trustedOf(instance: InstanceConfig): InstanceConfig | null {
    if (instance.trust.isTrusted) return instance;
    try {
      return lastTrusted(instance.id);
    } catch (error) {
      log.warn(`config: what was last trusted can't be used: ${toAoError(error).message}`);
      return null;
    }
  }

  return {
    accept(instance) {
      const { id } = instance;
      broken.delete(id);
      machineSessions = instance.limits.machine;
      if (loaded.get(id) === instance) return false;
      loaded.set(id, instance);
      const inForce = trustedOf(instance);
      if (inForce !== null) trusted.set(id, inForce);
      return true;
    },
    refuse(id, { message }) {
      if (broken.get(id) === message) return;
      broken.set(id, message);
      log.warn(`config: ${message}`);
    },
    get: (id) => trusted.get(id) ?? loaded.get(id) ?? null,
    loaded: (id) => loaded.get(id) ?? null,
    all: () => [...loaded.values()],
    hasTrusted: (id) => trusted.has(id),
    broken: () => broken,
    machineSessions: () => machineSessions,
    drop(id) {
      for (const table of [loaded, trusted, broken]) table.delete(id);
    },
  };
}
