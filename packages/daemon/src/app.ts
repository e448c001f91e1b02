import type { Engine } from "@agent-orchestrator/core/engine/engine";
import type { Observers } from "@agent-orchestrator/core/engine/observers";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DaemonInfo } from "@agent-orchestrator/core/protocol/results";
import type { Store } from "@agent-orchestrator/core/store/store";
import type { Configs } from "./config/configs.ts";
import type { Door } from "./door/door.ts";
import type { Environments } from "./environment/environments.ts";
import type { Archive } from "./history/archive.ts";
import type { LogWorker } from "./history/log-worker.ts";
import type { Channels } from "./notices/channels.ts";
import type { Presence } from "./notices/presence.ts";
import type { PluginCache } from "./registry/plugin-cache.ts";
import type { PluginCheck } from "./registry/plugin-check.ts";
import type { Registry } from "./registry/registry.ts";
import type { Proofs } from "./server/proofs.ts";
import type { Wish } from "./server/wishes.ts";
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
  door: Door;
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
