import { rmSync } from "node:fs";
import type { Server } from "node:http";
import { createEngine, type Engine } from "@agent-orchestrator/core/engine/engine";
import { type Observers, startObservers } from "@agent-orchestrator/core/engine/observers";
import { createPerform } from "@agent-orchestrator/core/engine/perform";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { newId } from "@agent-orchestrator/core/host/ids";
import { createLog } from "@agent-orchestrator/core/host/log";
import { BUILD, VERSION } from "@agent-orchestrator/core/protocol/build";
import type { DaemonInfo } from "@agent-orchestrator/core/protocol/requests";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { writeDaemonInfo } from "@agent-orchestrator/core/store/daemon-info";
import { resolveHome } from "@agent-orchestrator/core/store/home";
import { openStore, type Store } from "@agent-orchestrator/core/store/store";
import type { App } from "./app.ts";
import { writeOwnCommand } from "./bin-dir.ts";
import { createChannels } from "./channels.ts";
import { createConfigs } from "./configs.ts";
import { binDirOf, createEnvironments } from "./environments.ts";
import { createPlugins } from "./plugins.ts";
import { serve } from "./serve.ts";
import { prepareSockets } from "./sockets.ts";
import { startSpool } from "./spool.ts";
import { createWorld, type DaemonWorld } from "./world.ts";

export interface Daemon {
  socketPath: string;
  /** Resolves when everything is closed. */
  ended: Promise<void>;
  shutDown(reason: string): void;
}

const STOP_GRACE_MS = 20_000;

/** Composition: opens the state, joins engine, observers and plugins, looks at the world, and serves. */
export async function startDaemon(options: { env: Record<string, string> }): Promise<Daemon> {
  const clock = systemClock;
  const home = resolveHome(options.env);
  const store = openStore({ home, clock, ids: newId });
  try {
    return await compose(store, { ...options, home });
  } catch (error) {
    store.close();
    throw error;
  }
}

async function compose(store: Store, options: { env: Record<string, string>; home: string }): Promise<Daemon> {
  const clock = systemClock;
  const { home, env } = options;
  const sockets = prepareSockets(home, env);
  const log = createLog({
    clock,
    write: (line) => void process.stderr.write(line),
    isDebug: env.AO_DEBUG !== undefined,
    redact: (text) => configs.redact(text),
  });
  const configs = createConfigs({ store: () => store, engine: () => engine, home, env, log });
  const environments = createEnvironments({
    home,
    binDir: binDirOf(home),
    own: env,
    outerMarks: () => plugins.outerMarks(),
  });
  let observers: Observers | null = null;
  const plugins = createPlugins({
    clock,
    log,
    layout: store.layout,
    socketDir: sockets.dir,
    configs,
    environments,
    wake: (sessionId) => observers?.wake(sessionId),
  });
  const world: DaemonWorld = createWorld({
    clock,
    log,
    home,
    layout: store.layout,
    plugins: plugins.cache,
    environments,
    instance: (id) => configs.get(id),
    state: () => store.state,
  });
  const engine: Engine = createEngine({ store, world, perform: createPerform(world, () => store.state) });
  await configs.loadKnown();
  await world.prepare(Object.values(store.state.sessions));
  observers = startObservers(engine, world);
  const channels = createChannels({
    clock,
    plugins: plugins.cache,
    instances: () => configs.all(),
    watcherCount: () => world.watcherCount(),
  });
  const info: DaemonInfo = {
    pid: process.pid,
    version: VERSION,
    build: BUILD,
    epoch: store.state.epoch,
    startedAt: new Date(clock.now()).toISOString(),
    home,
  };
  let finish = () => undefined as undefined;
  const ending = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app: App = {
    home,
    info,
    engine,
    observers,
    store,
    world,
    configs,
    environments,
    plugins: plugins.cache,
    registry: plugins.registry,
    channels,
    shutDown: (reason) => {
      log.warn(`ends: ${reason}`);
      finish();
    },
  };
  writeOwnCommand(home);
  const spool = startSpool(app);
  rmSync(sockets.path, { force: true }); // ours alone: the lock is held
  const server = await serve(app, sockets.path);
  writeDaemonInfo(store.layout, { ...info, socket: sockets.path, socketDir: sockets.dir });
  engine.restartWatch("restart");
  engine.resume();
  void observers.lookAtAll().catch((error: unknown) => log.warn(`first look: ${String(error)}`));
  const ended = ending.then(() => close(app, { server, spool }));
  return { socketPath: sockets.path, ended, shutDown: app.shutDown };
}

/** Answers go out, effects under way are finished (for a while), plugins are let go; agents live on. */
async function close(app: App, parts: { server: Server; spool: { stop(): void } }): Promise<void> {
  parts.spool.stop();
  const closed = new Promise<void>((resolve) => parts.server.close(() => resolve()));
  parts.server.closeIdleConnections();
  await Promise.race([app.engine.idle(), systemClock.sleep(STOP_GRACE_MS)]);
  await app.engine.stop();
  await app.observers.stop();
  for (const made of app.plugins.runtimes()) {
    const runtime = await made.catch(() => null); // it never came to life
    await (runtime as Runtime | null)?.close?.();
  }
  parts.server.closeAllConnections();
  await closed;
  app.store.close();
}
