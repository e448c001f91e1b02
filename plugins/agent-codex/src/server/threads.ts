import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { LaunchRecord } from "../launch/record.ts";
import { loadedThreads, readThread, subscribe, verify } from "./ask-thread.ts";
import { adopt, adoptChild, isRoot, type Memory } from "./follow.ts";
import type { Rpc } from "./rpc.ts";
import type { Note, Thread } from "./wire.ts";

/** How often to look until the conversation exists, while the program starts or asks something first. */
const AGAIN_MS = 500;
const VERIFY_MS = 30_000;

interface ThreadsOptions {
  memory: Memory;
  record: LaunchRecord;
  clock: Clock;
  signal: AbortSignal;
  /** The session's conversation is now known, or has changed. */
  onMain(): void;
  onChange(): void;
}

/** Finds the session's conversation among the server's threads, and listens to it and its sub-agents. */
export interface Threads {
  /** Looks at everything the server has, and again now and then while this connection lasts. */
  survey(rpc: Rpc): Promise<void>;
  onNote(note: Note, rpc: Rpc): void;
  /** The connection is gone, and with it the subscriptions. */
  forget(): void;
}

export function createThreads(options: ThreadsOptions): Threads {
  const { memory, record, clock, signal, onMain, onChange } = options;
  const subscribed = new Set<string>();
  /** Threads that are certainly not ours. */
  const foreign = new Set<string>();

  function listen(id: string, rpc: Rpc): void {
    if (subscribed.has(id)) return;
    subscribed.add(id);
    subscribe(id, { memory, clock, signal, rpc, launchedAtMs: record.startedAtMs }).then(
      () => {
        if (id === memory.main?.id) onMain();
      },
      () => subscribed.delete(id), // Its status arrives anyway.
    );
  }

  /** Whether it is the session's conversation, one of its sub-agents, or neither. */
  function sort(thread: Thread, rpc: Rpc): void {
    if (isRoot(thread) && isIn(thread, record.cwd)) {
      adopt(memory, thread, toIso(clock.now()));
      onMain();
      listen(thread.id, rpc);
    } else if (adoptChild(memory, thread, toIso(clock.now()))) listen(thread.id, rpc);
    else foreign.add(thread.id);
  }

  async function lookUp(id: string, rpc: Rpc): Promise<void> {
    foreign.add(id); // Once is enough, whatever the result.
    const thread = await readThread(memory, rpc, id);
    if (thread !== null) sort(thread, rpc);
  }

  async function look(rpc: Rpc): Promise<void> {
    for (const thread of mainFirst(await loadedThreads(memory, rpc), record.cwd)) sort(thread, rpc);
  }

  return {
    async survey(rpc) {
      memory.main = null; // It will be known again in a moment, if it still exists.
      await introduce(rpc);
      while (rpc.isOpen) {
        // The server does not announce a conversation that the terminal program resumes.
        if (memory.main === null) await look(rpc);
        else await verify(memory, rpc, clock.now());
        onChange();
        await clock.sleep(memory.main === null ? AGAIN_MS : VERIFY_MS, signal);
      }
    },
    onNote(note, rpc) {
      if (note.method === "thread/started") sort(note.params.thread, rpc);
      if (note.method !== "thread/status/changed") return;
      // In the terminal, the user may switch to an earlier conversation.
      const id = note.params.threadId;
      const isKnown = id === memory.main?.id || memory.children.has(id) || foreign.has(id);
      if (!isKnown) lookUp(id, rpc).catch(() => foreign.delete(id)); // Ask again the next time it works.
    },
    forget() {
      subscribed.clear();
      foreign.clear();
    },
  };
}

async function introduce(rpc: Rpc): Promise<void> {
  await rpc.request("initialize", {
    clientInfo: { name: "ao", title: "ao", version: "0.1.0" },
    capabilities: { experimentalApi: true },
  });
  rpc.notify("initialized");
}

/** The newest conversation of this folder, then all threads that may belong to it. */
function mainFirst(threads: Thread[], folder: string): Thread[] {
  const roots = threads.filter((thread) => isRoot(thread) && isIn(thread, folder));
  const newest = roots.toSorted((a, b) => createdAt(a) - createdAt(b)).slice(-1);
  return [...newest, ...threads.filter((thread) => !roots.includes(thread))];
}

const createdAt = (thread: Thread): number => (typeof thread.createdAt === "number" ? thread.createdAt : 0);

const isIn = ({ cwd }: Thread, folder: string): boolean =>
  cwd === undefined || cwd === null || cwd === folder || realFolder(cwd) === realFolder(folder);
