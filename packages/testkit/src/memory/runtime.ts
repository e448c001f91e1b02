import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { Clock, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type {
  ProcessInfo,
  Runtime,
  RuntimeCreateConfig,
  RuntimeFact,
  SessionProcess,
} from "@agent-orchestrator/core/slots/runtime";
import type { Key } from "@agent-orchestrator/core/slots/screen";
import type { Faults } from "./faults.ts";

/** A program that was started. */
export interface MemoryProgram {
  handle: RuntimeHandle;
  config: RuntimeCreateConfig;
  pid: number;
  isAlive: boolean;
  exit: ProcessInfo["exit"];
  output: string[];
  /** Messages as they were delivered. */
  got: { id: string | null; text: string; at: Iso }[];
  keys: string[];
  /** What runs below it. */
  children: SessionProcess[];
}

export interface MemoryRuntime extends Required<Omit<Runtime, "name" | "getMetrics" | "check">> {
  /** Every program ever started, oldest first. */
  readonly programs: MemoryProgram[];
  /** The newest program of a session. */
  of(sessionId: string): MemoryProgram | undefined;
  alive(sessionId: string): MemoryProgram[];
  print(sessionId: string, line: string): void;
  exit(sessionId: string, end?: { code?: number | null; signal?: string | null }): void;
  /** A user types in an attached terminal. */
  type(sessionId: string): void;
  /** The whole server ends, with everything in it. */
  dieAll(reason?: string): void;
  /** Facts are no longer pushed, so they have to be polled. */
  isMuted: boolean;
  readonly watcherCount: number;
}

interface Shelf {
  clock: Clock;
  faults: Faults;
  programs: MemoryProgram[];
  watchers: Map<string, Set<(fact: RuntimeFact) => void>>;
  isMuted: boolean;
}

const iso = (clock: Clock): Iso => new Date(clock.now()).toISOString();

/** Programs that are rows of a list. Like those in tmux, they outlive any daemon. */
export function memoryRuntime({ clock, faults }: { clock: Clock; faults: Faults }): MemoryRuntime {
  const shelf: Shelf = { clock, faults, programs: [], watchers: new Map(), isMuted: false };
  const controls = controlsOf(shelf);
  return Object.defineProperties({ ...methodsOf(shelf), ...controls } as MemoryRuntime, {
    isMuted: {
      get: () => shelf.isMuted,
      set: (value: boolean) => {
        shelf.isMuted = value;
        if (!value) for (const program of shelf.programs.filter((each) => each.isAlive)) ready(shelf, program);
      },
    },
    watcherCount: { get: () => [...shelf.watchers.values()].reduce((sum, each) => sum + each.size, 0) },
  });
}

function push(shelf: Shelf, program: MemoryProgram, fact: RuntimeFact): void {
  if (shelf.isMuted) return;
  for (const onFact of shelf.watchers.get(program.handle.id) ?? []) onFact(fact);
}

const ready = (shelf: Shelf, program: MemoryProgram): void =>
  push(shelf, program, { kind: "ready", at: iso(shelf.clock) });

function end(shelf: Shelf, program: MemoryProgram, exit: { code: number | null; signal: string | null } | null): void {
  if (!program.isAlive) return;
  const at = iso(shelf.clock);
  program.isAlive = false;
  program.exit = exit === null ? null : { ...exit, at };
  push(shelf, program, { kind: "exit", at, exit: program.exit, lastOutput: program.output.at(-1) ?? null });
}

function methodsOf(shelf: Shelf) {
  const { faults, programs, clock } = shelf;
  const find = (handle: RuntimeHandle): MemoryProgram | undefined =>
    programs.find((program) => program.handle.id === handle.id);
  const living = (handle: RuntimeHandle): MemoryProgram => {
    const program = find(handle);
    if (program?.isAlive !== true) throw new AoError("UNAVAILABLE", `${handle.id} has ended`);
    return program;
  };
  const methods: Omit<Runtime, "name" | "getMetrics" | "check"> = {
    create: (config, options) => faults.run("runtime.create", options, () => create(shelf, config)),
    destroy: (handle, options) =>
      faults.run("runtime.destroy", options, () => {
        const program = find(handle);
        if (program !== undefined) end(shelf, program, { code: null, signal: "SIGTERM" });
      }),
    sendMessage: (handle, text, options) =>
      faults.run("runtime.sendMessage", options, () => {
        const program = living(handle);
        const id = options?.id ?? null;
        if (id === null || !program.got.some((each) => each.id === id)) program.got.push({ id, text, at: iso(clock) });
      }),
    getOutput: (handle, lines = 50, options) =>
      faults.run("runtime.getOutput", options, () => (find(handle)?.output ?? []).slice(-lines).join("\n")),
    isAlive: (handle, options) => faults.run("runtime.isAlive", options, () => find(handle)?.isAlive === true),
    getProcess: (handle, options) =>
      faults.run("runtime.getProcess", options, () => {
        const program = find(handle);
        const who = { pid: program?.pid ?? null, startId: program === undefined ? null : `boot:${program.pid}` };
        return { ...who, alive: program?.isAlive === true, exit: program?.exit ?? null };
      }),
    listProcesses: (handle, options) =>
      faults.run("runtime.listProcesses", options, () => [...(find(handle)?.children ?? [])]),
    endProcesses: (handle, named, options) =>
      faults.run("runtime.endProcesses", options, () => {
        const program = living(handle);
        program.children = program.children.filter((each) => !named.some(({ pid }) => pid === each.pid));
      }),
    watch: (handle, onFact) => faults.run("runtime.watch", undefined, () => watch(shelf, handle, onFact)),
    sendKeys: (handle, keys) =>
      faults.run("runtime.sendKeys", undefined, () => void living(handle).keys.push(...keys.map(nameOf))),
    ring: () => Promise.resolve(),
    list: () =>
      faults.run("runtime.list", undefined, () =>
        programs
          .filter((program) => program.isAlive)
          .map(({ handle, config }) => ({
            sessionId: config.sessionId,
            instanceId: config.instanceId ?? "",
            handle,
          })),
      ),
    close: () => Promise.resolve(),
    getAttachInfo: (handle) => Promise.resolve({ argv: ["attach", handle.id], detachHint: "close the window" }),
  };
  return methods;
}

const nameOf = (key: Key): string => (typeof key === "string" ? key : key.char);

function watch(shelf: Shelf, handle: RuntimeHandle, onFact: (fact: RuntimeFact) => void) {
  const program = shelf.programs.find((each) => each.handle.id === handle.id);
  const own = shelf.watchers.get(handle.id) ?? new Set();
  shelf.watchers.set(handle.id, own.add(onFact));
  if (program?.isAlive === true && !shelf.isMuted) onFact({ kind: "ready", at: iso(shelf.clock) });
  return {
    async stop() {
      own.delete(onFact);
    },
  };
}

/** Starts one program per intent. */
function create(shelf: Shelf, config: RuntimeCreateConfig): RuntimeHandle {
  const known = shelf.programs.find((program) => program.config.intentId === config.intentId && program.isAlive);
  if (known !== undefined) return known.handle;
  const pid = shelf.programs.length + 1;
  const handle = { id: `${config.sessionId}.${pid}`, runtimeName: "memory", data: {} };
  shelf.programs.push({ handle, config, pid, isAlive: true, exit: null, output: [], got: [], keys: [], children: [] });
  return handle;
}

function controlsOf(shelf: Shelf) {
  const { programs } = shelf;
  const of = (sessionId: string) => programs.filter(({ config }) => config.sessionId === sessionId).at(-1);
  const alive = (sessionId: string) =>
    programs.filter((program) => program.isAlive && program.config.sessionId === sessionId);
  return {
    programs,
    of,
    alive,
    print(sessionId: string, line: string) {
      const [program] = alive(sessionId);
      program?.output.push(line);
      if (program !== undefined) push(shelf, program, { kind: "output", at: iso(shelf.clock) });
    },
    exit(sessionId: string, { code = 0, signal = null }: { code?: number | null; signal?: string | null } = {}) {
      for (const program of alive(sessionId)) end(shelf, program, { code: signal === null ? code : null, signal });
    },
    type(sessionId: string) {
      for (const program of alive(sessionId)) push(shelf, program, { kind: "human-input", at: iso(shelf.clock) });
    },
    dieAll(reason = "the server was killed") {
      for (const program of programs.filter((each) => each.isAlive)) {
        program.isAlive = false;
        push(shelf, program, { kind: "lost", at: iso(shelf.clock), reason });
      }
    },
  };
}
