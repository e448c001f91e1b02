import { realpathSync } from "node:fs";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { endingOf } from "./ending.ts";
import { adopt, adoptChild, isRoot, type Memory } from "./follow.ts";
import type { LaunchRecord } from "./record.ts";
import type { Rpc } from "./rpc.ts";
import { type Note, RateLimits, Thread, Turn } from "./wire.ts";

const Loaded = z.looseObject({ data: z.array(z.string()) });
const Read = z.looseObject({ thread: Thread });
const Turns = z.looseObject({ data: z.array(Turn) });
const Limits = z.looseObject({ rateLimits: RateLimits });
const Resumed = z.looseObject({ thread: Thread, model: z.string().nullish() });

/** A thread that has just begun cannot be subscribed to until its record has a first line. */
const AGAIN_MS = 150;
const TRIES = 100;

interface ThreadsOptions {
  memory: Memory;
  record: LaunchRecord;
  clock: Clock;
  signal: AbortSignal;
  /** The session's conversation is known now, or is another one. */
  onMain(): void;
}

/** Finds the session's conversation among the server's threads, and listens to it and its sub-agents. */
export interface Threads {
  /** All that the server has now; to be called once for each connection. */
  survey(rpc: Rpc): Promise<void>;
  onNote(note: Note, rpc: Rpc): void;
  /** The connection is gone, and with it what was subscribed. */
  forget(): void;
}

export function createThreads({ memory, record, clock, signal, onMain }: ThreadsOptions): Threads {
  let subscribed = new Set<string>();
  /** Threads that are surely not ours. */
  let foreign = new Set<string>();

  async function survey(rpc: Rpc): Promise<void> {
    await rpc.request("initialize", {
      clientInfo: { name: "ao", title: "ao", version: "0.1.0" },
      capabilities: { experimentalApi: true },
    });
    rpc.notify("initialized");
    const { data } = Loaded.parse(await rpc.request("thread/loaded/list", {}));
    const threads: Thread[] = [];
    for (const id of data) {
      const thread = await read(id, rpc);
      if (thread !== null) threads.push(thread);
    }
    const roots = threads.filter((thread) => isRoot(thread) && isHere(thread));
    const newest = roots.sort((a, b) => createdAt(a) - createdAt(b)).at(-1);
    if (newest !== undefined) become(newest, rpc);
    for (const thread of threads) if (thread !== newest) sort(thread, rpc);
  }

  const createdAt = (thread: Thread): number => (typeof thread.createdAt === "number" ? thread.createdAt : 0);
  const isHere = ({ cwd }: Thread): boolean =>
    cwd === undefined || cwd === null || cwd === record.cwd || realPathOf(cwd) === realPathOf(record.cwd);

  async function read(id: string, rpc: Rpc): Promise<Thread | null> {
    try {
      return Read.parse(await rpc.request("thread/read", { threadId: id })).thread;
    } catch (error) {
      if (isAoError(error) && error.code === "REFUSED") return null; // It ended, or is not to be read.
      throw error;
    }
  }

  function become(thread: Thread, rpc: Rpc): void {
    adopt(memory, thread, toIso(clock.now()));
    onMain();
    subscribe(thread.id, rpc);
  }

  /** A sub-agent of ours, or none of our business. */
  function sort(thread: Thread, rpc: Rpc): void {
    if (adoptChild(memory, thread)) subscribe(thread.id, rpc);
    else foreign.add(thread.id);
  }

  function subscribe(id: string, rpc: Rpc): void {
    if (subscribed.has(id)) return;
    subscribed.add(id);
    resume(id, rpc).catch(() => subscribed.delete(id)); // Its status comes all the same; the next note tries again.
  }

  async function resume(id: string, rpc: Rpc): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const resumed = Resumed.parse(await rpc.request("thread/resume", { threadId: id, excludeTurns: true }, signal));
        if (resumed.model) memory.models.set(id, resumed.model);
        if (id === memory.main?.id) {
          adopt(memory, { ...resumed.thread, model: resumed.model ?? resumed.thread.model }, toIso(clock.now()));
          await lastTurn(id, rpc);
          onMain();
        }
        return;
      } catch (error) {
        if (tries >= TRIES || !rpc.isOpen || !isAoError(error) || error.code !== "REFUSED") throw error;
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  /** What a subscription does not repeat: which turn runs, or how the last one ended. */
  async function lastTurn(threadId: string, rpc: Rpc): Promise<void> {
    const [turn] = Turns.parse(
      await rpc.request("thread/turns/list", { threadId, limit: 1, sortDirection: "desc" }),
    ).data;
    if (turn === undefined || memory.turnId !== null || memory.ending !== null) return;
    if (turn.status === "inProgress") {
      memory.turnId = turn.id;
      return;
    }
    memory.ending = endingOf(turn, memory.limits);
    if (memory.ending.limit === null || memory.limits !== null) return;
    // Without a login there are no limits to read.
    const limits = await rpc.request("account/rateLimits/read", undefined).catch(() => null);
    memory.limits = Limits.safeParse(limits).data?.rateLimits ?? null;
    memory.ending = endingOf(turn, memory.limits);
  }

  async function lookUp(id: string, rpc: Rpc): Promise<void> {
    foreign.add(id); // Once is enough, whatever it turns out to be.
    const thread = await read(id, rpc);
    if (thread === null) return;
    if (isRoot(thread) && isHere(thread)) become(thread, rpc);
    else sort(thread, rpc);
  }

  return {
    survey,
    onNote(note, rpc) {
      if (note.method === "thread/started") {
        const { thread } = note.params;
        if (isRoot(thread) && isHere(thread)) become(thread, rpc);
        else sort(thread, rpc);
      } else if (note.method === "thread/status/changed" && note.params.status.type === "active") {
        // The human went over to another conversation in the terminal: one that was there before.
        const id = note.params.threadId;
        const isKnown = id === memory.main?.id || memory.children.has(id) || foreign.has(id);
        if (isKnown) return;
        lookUp(id, rpc).catch(() => foreign.delete(id)); // Asked again when it works the next time.
      }
    },
    forget() {
      subscribed = new Set();
      foreign = new Set();
    },
  };
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
