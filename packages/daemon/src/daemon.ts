import type { Server } from "node:http";
import { createEngine, type Engine } from "@agent-orchestrator/core/engine/engine";
import { type Observers, startObservers } from "@agent-orchestrator/core/engine/observers";
import { createPerform } from "@agent-orchestrator/core/engine/perform";
import { type Clock, isoNow, systemClock } from "@agent-orchestrator/core/host/clock";
import { newId } from "@agent-orchestrator/core/host/ids";
import { createLog, writeToStderr } from "@agent-orchestrator/core/host/log";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { BUILD, VERSION } from "@agent-orchestrator/core/protocol/build";
import type { DaemonInfo } from "@agent-orchestrator/core/protocol/results";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { highestLockLimit } from "@agent-orchestrator/core/store/caller-files";
import { writeDaemonInfo } from "@agent-orchestrator/core/store/daemon-info";
import { resolveHome } from "@agent-orchestrator/core/store/home";
import { openStore, type Store } from "@agent-orchestrator/core/store/store";
import { lockLimitOf } from "@agent-orchestrator/plugin-kit/mark";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import type { App } from "./app.ts";
import { createConfigs } from "./config/configs.ts";
import { createDoor, type StartedDoor } from "./door/door.ts";
import { writeOwnCommand } from "./environment/bin-dir.ts";
import { binDirOf, createEnvironments } from "./environment/environments.ts";
import { createArchive } from "./history/archive.ts";
import { startHousekeeping } from "./history/housekeeping.ts";
import { createLogWorker } from "./history/log-worker.ts";
import { createChannels } from "./notices/channels.ts";
import { startLiveChannels } from "./notices/live.ts";
import { createPresence } from "./notices/presence.ts";
import { createPlugins } from "./registry/plugins.ts";
import { keepListening } from "./server/own-socket.ts";
import { createProofs } from "./server/proofs.ts";
import { serve } from "./server/serve.ts";
import { prepareSockets } from "./server/sockets.ts";
import { startSpool } from "./server/spool.ts";
import { startWebhooks } from "./webhooks/receiver.ts";
import { createWorld, type DaemonWorld } from "./world.ts";

export interface Daemon {
  socketPath: string;
  /** Resolves when everything is closed. */
  ended: Promise<void>;
  shutDown(reason: string): void;
}

const STOP_GRACE_MS = 20_000;
const TELL_MS = 1000;

/** Opens the state, connects engine, observers and plugins, looks at the world, and serves. */
export async function startDaemon(options: { env: Record<string, string> }): Promise<Daemon> {
  const clock = systemClock;
  const home = resolveHome(options.env);
  const store = openStore({ home, clock, ids: newId, onFile: tellNowAndThen(clock) });
  try {
    return await compose(store, { ...options, home });
  } catch (error) {
    store.close();
    throw error;
  }
}

/** A long start says how far it is. Whoever started the daemon waits as long as it does. */
function tellNowAndThen(clock: Clock): (done: number, of: number) => void {
  let lastMs = clock.monotonic();
  return (done, of) => {
    if (clock.monotonic() - lastMs < TELL_MS) return;
    lastMs = clock.monotonic();
    writeToStderr(`ao daemon: reads the event log: file ${done} of ${of}\n`);
  };
}

interface Options {
  env: Record<string, string>;
  home: string;
}

async function compose(store: Store, options: Options): Promise<Daemon> {
  const sockets = prepareSockets(options.home, options.env);
  const ending = makeEnding();
  const app = await assemble(store, { ...options, socketDir: sockets.dir, ending });
  writeOwnCommand(options.home);
  const server = serve(app);
  const writeInfo = () =>
    writeDaemonInfo(store.layout, {
      ...{ ...app.info, startId: startIdOf(process.pid) },
      ...{ socket: sockets.path, socketDir: sockets.dir },
    });
  const listening = await keepListening(server, {
    path: sockets.path,
    infoPath: store.layout.daemonInfo,
    writeInfo,
    keepToken: app.proofs.keepToken,
    app,
  });
  const background = [startSpool(app), startHousekeeping(app), startWebhooks(app), startLiveChannels(app), listening];
  background.push(app.door.start(app));
  app.engine.restartWatch("restart");
  app.engine.resume();
  app.configs.begin();
  void app.observers.lookAtAll().catch((error: unknown) => app.world.log.warn(`first look: ${String(error)}`));
  const ended = ending.reached.then(() => close(app, { server, background, stop: ending.stop }));
  return { socketPath: sockets.path, ended, shutDown: app.shutDown };
}

interface Ending {
  reached: Promise<void>;
  end(): void;
  stopping: AbortSignal;
  stop(): void;
}

function makeEnding(): Ending {
  const stopper = new AbortController();
  const stop = () => stopper.abort(new AoError("TRY_AGAIN", "the daemon is stopping"));
  const ending: Ending = { end: () => undefined, reached: Promise.resolve(), stopping: stopper.signal, stop };
  ending.reached = new Promise((resolve) => {
    ending.end = resolve;
  });
  return ending;
}

interface Assembly extends Options {
  socketDir: string;
  ending: Ending;
}

/** Creates engine, observers, plugins and configs, which know each other only through these few functions. */
async function assemble(store: Store, options: Assembly): Promise<App & { door: StartedDoor }> {
  const clock = systemClock;
  const { home, env, socketDir, ending } = options;
  const redact = (text: string) => configs.redact(text);
  const proofs = createProofs(store.layout);
  const log = createLog({ clock, write: writeToStderr, isDebug: env.AO_DEBUG !== undefined, redact });
  const configs = createConfigs({ clock, store, engine: () => engine, home, env, log });
  const environments = createEnvironments({
    home,
    binDir: binDirOf(home),
    own: env,
    outerMarks: () => plugins.outerMarks(),
    callerEnv: (id) => configs.callerEnv(id),
    proofOf: proofs.ofSession,
    withheld: (id) => plugins.withheld(id),
  });
  let observers: Observers | null = null;
  const wake = (sessionId?: string) => observers?.wake(sessionId);
  const seal = proofs.sealOf;
  const plugins = createPlugins({ clock, log, layout: store.layout, socketDir, configs, environments, seal, wake });
  const instances = () => configs.all().map((loaded) => configs.get(loaded.id) ?? loaded);
  const world: DaemonWorld = createWorld({
    clock,
    log,
    home,
    layout: store.layout,
    plugins: plugins.cache,
    environments,
    instance: (id) => configs.get(id),
    instances,
    machineSessions: () => configs.machineSessions(),
    envOf: (id) => configs.envOf(id),
    state: () => store.state,
  });
  const engine: Engine = createEngine({ store, world, perform: createPerform(world, () => store.state) });
  await configs.loadKnown();
  await world.prepare(Object.values(store.state.sessions));
  observers = startObservers(engine, world);
  const channels = createChannels({
    clock,
    plugins: plugins.cache,
    stopping: ending.stopping,
    redact,
    instances,
    watcherCount: () => world.watcherCount(),
  });
  const shutDown = (reason: string) => {
    log.warn(`ends: ${reason}`);
    ending.end();
  };
  const info = infoOf(home, store.state.epoch);
  const userLimit = highestLockLimit(store.layout, lockLimitOf("self") ?? 0);
  const ours = { home, info, proofs, userLimit, shutDown, stopping: ending.stopping };
  const logWorker = createLogWorker(store.logSource);
  const archive = createArchive({ engine, store, clock });
  const door = createDoor({ clock, log, layout: store.layout });
  const presence = createPresence({ engine, clock, log, layout: store.layout });
  const parts = { ...ours, engine, observers, store, logWorker, archive, world, configs, environments, channels };
  return { ...parts, presence, door, plugins: plugins.cache, registry: plugins.registry, pluginCheck: plugins.check };
}

const infoOf = (home: string, epoch: number): DaemonInfo => ({
  pid: process.pid,
  version: VERSION,
  build: BUILD,
  epoch,
  startedAt: isoNow(systemClock),
  home,
});

/** Sends the responses under way, waits a while for running effects, and closes the plugins. Agents keep running. */
async function close(app: App, parts: { server: Server; background: { stop(): void }[]; stop(): void }): Promise<void> {
  for (const part of parts.background) part.stop();
  const closed = new Promise<void>((resolve) => parts.server.close(() => resolve()));
  parts.server.closeIdleConnections();
  await Promise.race([app.engine.idle(), systemClock.sleep(STOP_GRACE_MS)]);
  parts.stop();
  await app.engine.stop();
  await app.observers.stop();
  for (const made of app.plugins.runtimes()) {
    const runtime = await made.catch(() => null); // It never started.
    await (runtime as Runtime | null)?.close?.();
  }
  await app.configs.close();
  parts.server.closeAllConnections();
  await closed;
  app.store.close();
}
