import type { MemoryPlugins, MemoryWorld } from "@agent-orchestrator/testkit/memory/world";
import type { Fs } from "../../host/fs-port.ts";
import type { Clock } from "../../slots/common.ts";
import type { Store } from "../../store/store.ts";
import { errno, type MemFs } from "../../store/testing/mem-fs.ts";
import { openMem } from "../../store/testing/sample.ts";
import { createEngine, type Engine } from "../engine.ts";
import { type Observers, startObservers } from "../observers.ts";
import { createPerform } from "../perform.ts";

/** One daemon, from its start to `kill -9`. After that it gets no more results and writes nothing. */
export interface Daemon {
  engine: Engine;
  observers: Observers;
  store: Store;
  kill(): void;
}

export interface Disk {
  files: MemFs;
  isFull: boolean;
}

/** Called with a message just before it is typed. */
type OnType = (sessionId: string, messageId: string) => void;

export function boot(world: MemoryWorld, disk: Disk, onType: OnType): Daemon {
  const death = new AbortController();
  const { signal } = death;
  const clock = mortalClock(world.clock, signal);
  const plugins = mortalPlugins(world, signal);
  const send = plugins.runtime.sendMessage;
  plugins.runtime = Object.assign(Object.create(plugins.runtime), {
    sendMessage(...call: Parameters<typeof send>) {
      const program = world.runtime.programs.find(({ handle }) => handle.id === call[0].id);
      onType(program?.config.sessionId ?? "", call[2]?.id ?? "");
      return send(...call);
    },
  });
  const store = openMem(disk.files, { clock, fs: mortalFs(disk, signal), segmentBytes: 1 << 16 });
  const view = world.seenBy({ clock, plugins });
  const engine = createEngine({ store, world: view, perform: createPerform(view, () => store.state) });
  const observers = startObservers(engine, view);
  engine.restartWatch("restart");
  engine.resume();
  void observers.lookAtAll().catch(() => undefined); // The daemon logs it, and so do we.
  return { engine, observers, store, kill: () => death.abort() };
}

const never = <T>() => new Promise<T>(() => undefined);

/** A promise of a world that goes on, seen by a daemon that may be dead by then. */
function until<T>(death: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => death.aborted || resolve(value),
      (error: unknown) => death.aborted || reject(error),
    );
  });
}

function mortalClock(clock: Clock, death: AbortSignal): Clock {
  return {
    now: clock.now,
    monotonic: clock.monotonic,
    sleep(ms, signal) {
      if (death.aborted) return never();
      return until(death, clock.sleep(ms, signal === undefined ? death : AbortSignal.any([signal, death])));
    },
  };
}

function mortalPlugins({ runtime, agent, workspace, tracker, scm, notifier }: MemoryWorld, death: AbortSignal) {
  const plugins = { runtime, agent, workspace, tracker, scm, notifier };
  const wrapped = Object.entries(plugins).map(([slot, plugin]) => [slot, mortal(plugin, death)] as const);
  return Object.fromEntries(wrapped) as unknown as MemoryPlugins;
}

type Method = (...args: unknown[]) => unknown;

function mortal<T extends object>(plugin: T, death: AbortSignal): T {
  const deafen = (arg: unknown) =>
    typeof arg === "function" ? (...args: unknown[]) => (death.aborted ? undefined : (arg as Method)(...args)) : arg;
  return new Proxy(plugin, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (death.aborted) return never();
        const answer: unknown = (member as Method).apply(target, args.map(deafen));
        return answer instanceof Promise ? until(death, answer) : answer;
      };
    },
  });
}

const NEEDS_ROOM = new Set(["write", "fsync", "fdatasync", "rename"]);

function mortalFs(disk: Disk, death: AbortSignal): Fs {
  return new Proxy(disk.files as Fs, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (death.aborted) throw errno("EIO", "the process is dead");
        if (disk.isFull && NEEDS_ROOM.has(String(name))) throw errno("ENOSPC", String(name));
        return (member as Method).apply(target, args);
      };
    },
  });
}
