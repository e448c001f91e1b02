import type { Ask } from "../asks.ts";
import { answeredBy, endedBy, noteFailure, unseenBy } from "./turn-end.ts";
import type { Conversation, Failure, MessageInfo, Part, ServerEvent, Status, Tokens } from "./wire.ts";

export interface Running {
  status: Status;
  at: number;
  triedAfter: Status | null;
  /** The message that it began with, if that was not answered yet. */
  prompt?: string | undefined;
  /** The last answer of its turn is complete. OpenCode only tidies up before it reports that it is idle. */
  isFinished?: boolean;
}

/** OpenCode's name for the error of an interrupted turn. */
export const ABORTED = "MessageAbortedError";

/** What is known about one OpenCode and its conversation, from its snapshot and later events. */
export interface Seen {
  /** The conversation that the user and we follow. */
  root: string;
  /** The parent of each conversation seen. A sub-agent's conversation belongs to its parent. */
  parents: Map<string, string | null>;
  /** Only what is not idle. */
  statuses: Map<string, Running>;
  asks: Map<string, Ask>;
  /** How the last turn ended, if it failed. */
  failure: { failure: Failure; at: number } | null;
  restedAt: number;
  tools: Map<string, { name: string; at: number; conversation: string }>;
  /** By conversation, then by message (for a sub-agent, its total), so that usage never counts twice. */
  usage: Map<string, Map<string, Used>>;
  /** User messages whose text has not arrived yet. */
  unread: Map<string, number>;
  read: Set<string>;
  title: string | null;
  /** The newest message of a user, until the agent answers it. */
  unanswered: Unanswered | null;
  /** The id of the newest message of a user. */
  lastPrompt: string | null;
  /** The id of the newest answer. */
  answer: string | null;
  /** There is no message yet. The first prompt is under way, or there is none. */
  isUntouched: boolean;
}

export interface Unanswered {
  id: string;
  created: number;
  /** Null if its text has not arrived yet. */
  text: string | null;
}

export interface Used {
  model: string | null;
  tokens: Tokens;
  usd: number;
}

/** What an event means in addition to what `Seen` records. */
export type Happening =
  | { kind: "taken"; id: string; created: number; text: string }
  /** The model works on this message. */
  | { kind: "answered"; id: string }
  /** The turn for this message ended with an error before a model saw it. */
  | { kind: "unseen"; id: string; why: string }
  | { kind: "turn-over" }
  | { kind: "ran"; command: string }
  | { kind: "worked"; what: string }
  | { kind: "used"; conversation: string }
  | { kind: "titled" }
  /** The user continued in another conversation of the same program. */
  | { kind: "moved"; to: string };

export function nothingSeen(root: string, now: number): Seen {
  return {
    root,
    parents: new Map([[root, null]]),
    statuses: new Map(),
    asks: new Map(),
    failure: null,
    restedAt: now,
    tools: new Map(),
    usage: new Map(),
    unread: new Map(),
    read: new Set(),
    title: null,
    unanswered: null,
    lastPrompt: null,
    answer: null,
    isUntouched: true,
  };
}

/** The conversation itself, or one of a sub-agent below it. */
export function isOfFamily(seen: Seen, id: string): boolean {
  for (let next: string | null | undefined = id, hops = 0; next && hops < 10; hops++) {
    if (next === seen.root) return true;
    next = seen.parents.get(next);
  }
  return false;
}

/** The conversation and its sub-agents, as far as they work. */
export const working = (seen: Seen): [string, Running][] =>
  [...seen.statuses].filter(([id, { isFinished }]) => isFinished !== true && isOfFamily(seen, id));

export const isBusy = (seen: Seen): boolean => working(seen).length > 0;

/** Processes one event, which arrived at `at`. */
export function take(seen: Seen, event: ServerEvent, at: number): Happening[] {
  switch (event.type) {
    case "session.created":
    case "session.updated":
      return takeConversation(seen, event.properties.info);
    case "session.status":
      return takeStatus(seen, { id: event.properties.sessionID, status: event.properties.status, at });
    case "session.idle":
      return takeStatus(seen, { id: event.properties.sessionID, status: { type: "idle" }, at });
    case "session.error":
      if (event.properties.sessionID === seen.root && event.properties.error !== undefined) {
        noteFailure(seen, event.properties.error, at);
      }
      return [];
    case "permission.asked":
      seen.asks.set(event.properties.id, { kind: "permission", request: event.properties });
      return [];
    case "question.asked":
      seen.asks.set(event.properties.id, { kind: "question", request: event.properties, answered: [] });
      return [];
    case "permission.replied":
    case "question.replied":
    case "question.rejected":
      seen.asks.delete(event.properties.requestID);
      return [];
    case "message.updated":
      return takeMessage(seen, event.properties.info, at);
    case "message.part.updated":
      return takePart(seen, event.properties.part, at);
    case "server.connected":
      return [];
  }
}

export function takeConversation(seen: Seen, info: Conversation): Happening[] {
  seen.parents.set(info.id, info.parentID ?? null);
  if (info.id !== seen.root) return takeTotal(seen, info);
  if (info.title === undefined || info.title === seen.title) return [];
  seen.title = info.title;
  return [{ kind: "titled" }];
}

/** A sub-agent's conversation is counted by its total, without its messages. */
function takeTotal(seen: Seen, { id, tokens, cost = 0, model }: Conversation): Happening[] {
  if (tokens === undefined || !isOfFamily(seen, id)) return [];
  return note(seen, { conversation: id, part: "total", used: { model: nameOf(model), tokens, usd: cost } });
}

const nameOf = (model: Conversation["model"]): string | null =>
  model === undefined ? null : `${model.providerID}/${model.id}`;

function note(
  seen: Seen,
  { conversation, part, used }: { conversation: string; part: string; used: Used },
): Happening[] {
  const parts = seen.usage.get(conversation) ?? new Map<string, Used>();
  const isNews = total(parts.get(part)?.tokens) !== total(used.tokens);
  parts.set(part, used);
  seen.usage.set(conversation, parts);
  return isNews ? [{ kind: "used", conversation }] : [];
}

const total = (tokens: Tokens | undefined): number =>
  tokens === undefined ? 0 : tokens.input + tokens.output + tokens.reasoning + tokens.cache.read + tokens.cache.write;

interface StatusNews {
  id: string;
  status: Status;
  at: number;
}

function takeStatus(seen: Seen, { id, status, at }: StatusNews): Happening[] {
  const wasBusy = isBusy(seen);
  if (status.type !== "idle") {
    const moved = movedTo(seen, id);
    const before = seen.statuses.get(id);
    const isSame = before !== undefined && before.status.type === status.type;
    const isFinished = before?.isFinished === true && status.type === "busy";
    seen.statuses.set(id, {
      ...{ status, at: isSame ? before.at : at, triedAfter: triedAfter(before, status) },
      ...(isFinished ? { isFinished } : {}),
      prompt: before === undefined ? seen.unanswered?.id : before.prompt,
    });
    // A new turn, so how the previous one ended no longer matters.
    if (id === seen.root && before === undefined) seen.failure = null;
    return moved;
  }
  const unseen = unseenBy(seen, id);
  seen.statuses.delete(id);
  // OpenCode never removes an aborted question from its list, but nothing waits for the answer.
  for (const [key, ask] of seen.asks) if (ask.request.sessionID === id) seen.asks.delete(key);
  for (const [key, tool] of seen.tools) if (tool.conversation === id) seen.tools.delete(key);
  if (!wasBusy || isBusy(seen)) return unseen;
  seen.restedAt = at;
  return [...unseen, { kind: "turn-over" }];
}

/** The failure after which it is retrying now. Until the model responds, nothing has improved. */
function triedAfter(before: Running | undefined, status: Status): Status | null {
  if (before === undefined || status.type === "retry") return null;
  return before.status.type === "retry" ? before.status : before.triedAfter;
}

/** A turn in a main conversation of this program is started by the user at its terminal, because nobody else has the password. */
function movedTo(seen: Seen, id: string): Happening[] {
  if (isOfFamily(seen, id) || seen.parents.get(id) !== null) return [];
  seen.root = id;
  seen.failure = null;
  seen.title = null;
  seen.isUntouched = false;
  return [{ kind: "moved", to: id }];
}

export function takeMessage(seen: Seen, info: MessageInfo, at: number): Happening[] {
  if (info.role === "user") {
    if (info.sessionID === seen.root) takePrompt(seen, info);
    return [];
  }
  const happenings = info.sessionID === seen.root ? [...answeredBy(seen, info), ...endedBy(seen, info, at)] : [];
  if (info.tokens === undefined || info.sessionID !== seen.root) return happenings;
  const model = info.modelID === undefined ? null : `${info.providerID ?? "?"}/${info.modelID}`;
  const used = { model, tokens: info.tokens, usd: info.cost ?? 0 };
  return [...note(seen, { conversation: info.sessionID, part: info.id, used }), ...happenings];
}

function takePrompt(seen: Seen, info: MessageInfo): void {
  // It is reported again later with its diffs. By then its text has arrived.
  const isNew = !seen.read.has(info.id) && !seen.unread.has(info.id);
  if (isNew) {
    seen.unread.set(info.id, info.time.created);
    seen.unanswered = { id: info.id, created: info.time.created, text: null };
    seen.lastPrompt = info.id;
    delete seen.statuses.get(seen.root)?.isFinished;
  }
  seen.isUntouched = false;
}

export function takePart(seen: Seen, part: Part, at: number): Happening[] {
  const running = seen.statuses.get(part.sessionID);
  if (running !== undefined && part.type.startsWith("step")) running.triedAfter = null;
  if (part.type === "text") return takeText(seen, part);
  if (part.type !== "tool" || part.callID === undefined || !isOfFamily(seen, part.sessionID)) return [];
  const name = part.tool ?? "a tool";
  const status = part.state?.status;
  if (status === "running" || status === "pending") {
    if (!seen.tools.has(part.callID)) seen.tools.set(part.callID, { name, at, conversation: part.sessionID });
    return [];
  }
  settle(seen, part.callID);
  if (!seen.tools.delete(part.callID)) return [];
  const command = part.state?.input?.command;
  const happenings: Happening[] = [{ kind: "worked", what: name }];
  if (name === "bash" && typeof command === "string") happenings.push({ kind: "ran", command });
  return happenings;
}

/** A finished call no longer waits for permission, whether or not the reply was reported. */
function settle(seen: Seen, callID: string): void {
  for (const [key, { kind, request }] of seen.asks) {
    if (kind === "permission" && request.tool?.callID === callID) seen.asks.delete(key);
  }
}

function takeText(seen: Seen, part: Part): Happening[] {
  const created = seen.unread.get(part.messageID);
  if (created === undefined || part.text === undefined || part.synthetic === true) return [];
  seen.unread.delete(part.messageID);
  if (seen.unanswered?.id === part.messageID) seen.unanswered.text = part.text;
  seen.read.add(part.messageID);
  return [{ kind: "taken", id: part.messageID, created, text: part.text }];
}
