import { repositoryWork } from "@agent-orchestrator/agent-kit/repository-work";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { ServerSignal } from "../weigh.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { Item, Note, RateLimits, Status, Thread } from "./wire.ts";

/** A thread as the server reports it, or as it answers when asked. */
export interface ToldThread extends Thread {
  /** How many status reports there had been when it was queried. If there are more by now, the answer may be older than the last one. */
  newsWhenAsked?: number | undefined;
}

interface Seen {
  status: Status;
  /** Since when it is of this type. */
  at: Iso;
  /** Since when it has flags. */
  flagsAt?: Iso | undefined;
}

/** A status arrives a moment before what explains it: the request that it waits for, the end of the turn. */
export const EXPLAINED_MS = 1_000;

/** What is known about one session's conversation so far. Deterministic: the same notifications give the same memory. */
export interface Memory {
  main: Thread | null;
  /** Every thread's last status, including foreign ones. */
  statuses: Map<string, Seen>;
  /** How often a thread's status was reported. */
  statusNotes: Map<string, number>;
  /** Threads of the same tree: sub-agents. */
  children: Set<string>;
  /** The turns that run, by thread. */
  turns: Map<string, string>;
  /** A turn of this launch has started, and may be over. */
  hasBegun: boolean;
  ending: Ending | null;
  retry: string | null;
  /** Tool calls that run, by item. */
  tools: Map<string, { name: string; at: Iso }>;
  /** Items that an open request may point to. */
  items: Map<string, Item>;
  limits: RateLimits | null;
  models: Map<string, string>;
}

export const newMemory = (): Memory => ({
  main: null,
  statuses: new Map(),
  statusNotes: new Map(),
  children: new Set(),
  turns: new Map(),
  hasBegun: false,
  ending: null,
  retry: null,
  tools: new Map(),
  items: new Map(),
  limits: null,
  models: new Map(),
});

const TOOLS = new Set([
  "commandExecution",
  "fileChange",
  "mcpToolCall",
  "dynamicToolCall",
  "webSearch",
  "collabAgentToolCall",
]);

/** A conversation that a user leads, not one of Codex's side jobs (titles) or a sub-agent. */
export const isRoot = (thread: Thread): boolean =>
  thread.ephemeral !== true && (thread.parentThreadId ?? null) === null;

export const isOurs = (memory: Memory, threadId: string): boolean =>
  threadId === memory.main?.id || memory.children.has(threadId);

/** The last report about the session's conversation itself. */
export const isActive = (memory: Memory): boolean =>
  memory.main !== null && memory.statuses.get(memory.main.id)?.status.type === "active";

/** From now on this is the session's conversation. */
export function adopt(memory: Memory, thread: ToldThread, now: Iso): void {
  if (memory.main?.id !== thread.id) {
    memory.children.clear();
    loseSight(memory);
    memory.ending = null;
  }
  memory.main = thread;
  if (thread.model) memory.models.set(thread.id, thread.model);
  believe(memory, thread, now);
  noteBegin(memory);
}

/** The connection is gone, so what runs now must be queried later. */
export function loseSight(memory: Memory): void {
  memory.turns.clear();
  memory.retry = null;
  memory.tools.clear();
  memory.items.clear();
}

/** Whether this thread belongs to the tree of the session's conversation. Then it counts as its sub-agent. */
export function adoptChild(memory: Memory, thread: ToldThread, now: Iso): boolean {
  const { main } = memory;
  if (main === null || isRoot(thread) || thread.ephemeral === true) return false;
  const isOfTree = thread.parentThreadId === main.id || thread.sessionId === (main.sessionId ?? main.id);
  if (!isOfTree) return false;
  memory.children.add(thread.id);
  believe(memory, thread, now);
  return true;
}

/** Processes one notification and returns the facts in it. Notifications of foreign threads only update their status. */
export function take(memory: Memory, note: Note): AgentFact[] {
  const at = toIso(note.atMs);
  if (note.method === "thread/status/changed") {
    const { threadId, status } = note.params;
    memory.statusNotes.set(threadId, newsOf(memory, threadId) + 1);
    setStatus(memory, threadId, { status, at });
    noteBegin(memory);
    return [];
  }
  if (note.method === "account/rateLimits/updated") {
    memory.limits = note.params.rateLimits;
    return [];
  }
  const { threadId } = note.params;
  if (typeof threadId !== "string" || !isOurs(memory, threadId)) return [];
  return ofOurThread(memory, note, at);
}

export const newsOf = (memory: Memory, threadId: string): number => memory.statusNotes.get(threadId) ?? 0;

/** An answer that is older than the last report would never be corrected. */
function believe(memory: Memory, { id, status, newsWhenAsked }: ToldThread, now: Iso): void {
  const isOld = newsWhenAsked !== undefined && newsWhenAsked !== newsOf(memory, id);
  if (status && !isOld) setStatus(memory, id, { status, at: now });
}

/** A thread that works or has failed has started. */
function noteBegin(memory: Memory): void {
  const status = memory.main === null ? undefined : memory.statuses.get(memory.main.id)?.status.type;
  if (status === "active" || status === "systemError") memory.hasBegun = true;
}

function setStatus(memory: Memory, threadId: string, { status, at }: Seen): void {
  const known = memory.statuses.get(threadId);
  const hasFlags = (status.activeFlags ?? []).length > 0;
  memory.statuses.set(threadId, {
    status,
    // Flags change within one stretch of work.
    at: known?.status.type === status.type ? known.at : at,
    flagsAt: hasFlags ? (known?.flagsAt ?? at) : undefined,
  });
}

function ofOurThread(memory: Memory, note: Note, at: Iso): AgentFact[] {
  const isMain = note.params.threadId === memory.main?.id;
  switch (note.method) {
    case "turn/started":
      memory.turns.set(note.params.threadId, note.params.turn.id);
      if (isMain) beginAnew(memory);
      return [];
    case "turn/completed":
      memory.turns.delete(note.params.threadId);
      if (!isMain) return [];
      memory.hasBegun = true;
      memory.retry = null;
      memory.tools.clear();
      memory.items.clear();
      memory.ending = endingOf(note.params.turn, memory.limits);
      return [{ kind: "turn-ended", at }];
    case "error":
      if (isMain && note.params.willRetry) memory.retry = oneLine(note.params.error.message);
      return [];
    case "item/started":
      return itemStarted(memory, note.params.item, at);
    case "item/completed":
      return itemCompleted(memory, note.params.item, { at, isMain });
    case "thread/name/updated":
      if (!isMain || memory.main === null || !note.params.threadName) return [];
      memory.main = { ...memory.main, name: note.params.threadName };
      return [{ kind: "info", info: { agentSessionId: memory.main.id, summary: oneLine(note.params.threadName) } }];
    case "thread/settings/updated": {
      const model = note.params.threadSettings?.model;
      if (model) memory.models.set(note.params.threadId, model);
      return [];
    }
    case "thread/tokenUsage/updated":
      return [{ kind: "usage", usage: usageOf(memory, note.params.threadId, note.params.tokenUsage.total) }];
    default:
      return [];
  }
}

function beginAnew(memory: Memory): void {
  memory.hasBegun = true;
  memory.ending = null;
  memory.retry = null;
  memory.tools.clear();
}

function itemStarted(memory: Memory, item: Item, at: Iso): AgentFact[] {
  memory.retry = null;
  memory.items.set(item.id, item);
  if (TOOLS.has(item.type)) memory.tools.set(item.id, { name: oneLine(item.command ?? item.type, 120), at });
  return [];
}

function itemCompleted(memory: Memory, item: Item, { at, isMain }: { at: Iso; isMain: boolean }): AgentFact[] {
  memory.retry = null;
  memory.tools.delete(item.id);
  memory.items.delete(item.id);
  // The user did not say what a sub-agent is told.
  if (item.type === "userMessage") return isMain ? [{ kind: "accepted", ...textOf(item), at }] : [];
  const what = item.type === "commandExecution" && item.command ? repositoryWork(item.command) : null;
  return what === null ? [] : [{ kind: "repository-changed", at, what }];
}

/** The id that came with the message, which the caller knows if it is ours, and the text. */
function textOf(item: Item): { messageId?: string; text: string } {
  const text = (item.content ?? []).map((part) => part.text ?? "").join("\n");
  return { text, ...(item.clientId ? { messageId: item.clientId } : {}) };
}

type Total = Extract<Note, { method: "thread/tokenUsage/updated" }>["params"]["tokenUsage"]["total"];

/** Codex counts cached tokens as part of the input. It reports no dollars. */
export function usageOf(memory: Memory, threadId: string, total: Total): UsageReport {
  const cacheRead = total.cachedInputTokens ?? 0;
  const cacheWrite = total.cacheWriteInputTokens ?? 0;
  const input = Math.max(0, total.inputTokens - cacheRead - cacheWrite);
  const tokens = { input, output: total.outputTokens, cacheRead, cacheWrite };
  return { key: threadId, models: [{ model: memory.models.get(threadId) ?? null, tokens, usd: null }] };
}

export interface Moment {
  nowMs: number;
  /** A tool call that runs longer than this is reported. */
  longToolMs: number;
}

/** The current state of the conversation without open requests, or null if there is none yet. */
export function signalOf(memory: Memory, { nowMs, longToolMs }: Moment): Omit<ServerSignal, "asked"> | null {
  const { main } = memory;
  const seen = main === null ? undefined : memory.statuses.get(main.id);
  if (main === null || seen === undefined) return null;
  const isFresh = (at: Iso | undefined) => at !== undefined && nowMs - Date.parse(at) < EXPLAINED_MS;
  const [oldest] = memory.tools.values();
  const isLong = oldest !== undefined && nowMs - Date.parse(oldest.at) >= longToolMs;
  // It is idle, and how the turn ended is not reported yet.
  const isUnexplained = memory.turns.has(main.id) || (memory.hasBegun && memory.ending === null);
  const busy = [...memory.children].filter((id) => memory.statuses.get(id)?.status.type === "active");
  return {
    threadId: main.id,
    status: isUnexplained && isFresh(seen.at) ? "active" : seen.status.type,
    flags: isFresh(seen.flagsAt) ? [] : (seen.status.activeFlags ?? []),
    at: seen.at,
    tool: isLong ? oldest : null,
    retry: memory.retry,
    ended: memory.ending,
    busyChildren: busy.length,
  };
}
