import type { Engine } from "@agent-orchestrator/core/engine/engine";
import type { Observers } from "@agent-orchestrator/core/engine/observers";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DaemonInfo } from "@agent-orchestrator/core/protocol/results";
import type { Store } from "@agent-orchestrator/core/store/store";
import type { Archive } from "./archive.ts";
import type { Proofs } from "./callers/proofs.ts";
import type { Channels } from "./channels.ts";
import type { Configs } from "./configs.ts";
import type { Environments } from "./environments.ts";
import type { LogWorker } from "./log-worker.ts";
import type { PluginCache } from "./plugin-cache.ts";
import type { PluginCheck } from "./plugin-check.ts";
import type { Presence } from "./presence.ts";
import type { Registry } from "./registry/registry.ts";
import type { Wish } from "./wishes.ts";
import type { DaemonWorld } from "./world.ts";

/** What every request handler may use. */
export interface App {
  home: string;
  info: DaemonInfo;
  engine: Engine;
  observers: Observers;
  store: Store;
  logWorker: LogWorker;
  archive: Archive;
  world: DaemonWorld;
  configs: Configs;
  environments: Environments;
  plugins: PluginCache;
  registry: Registry;
  pluginCheck: PluginCheck;
  channels: Channels;
  presence: Presence;
  proofs: Proofs;
  /** See `Known` in callers/asker.ts. */
  userLimit: number;
  /** Aborts when the daemon no longer waits for anything. */
  stopping: AbortSignal;
  /** Stops the daemon once the responses under way are sent, and starts `next` in its place. */
  shutDown(reason: string, next?: "replace"): void;
}

/** One request in progress. */
export interface Call {
  caller: Caller;
  /** The session in which the caller runs, if it is an agent's. */
  agentSession: string | null;
  /** Only a request that changes something uses it. */
  wish: Wish;
  signal: AbortSignal;
  progress(text: string): void;
  item(data: unknown): void;
  ring(text: string): void;
}
