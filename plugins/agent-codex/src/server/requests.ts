import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import type { Iso } from "@agent-orchestrator/core/model/time";
import { z } from "zod";
import type { Asked, Question, RequestId } from "./asked.ts";

interface Open {
  asked: Asked;
  at: Iso;
  /** We answered it ourselves. It is shown only if that did not close it. */
  isHandled: boolean;
  /** Replies to the first questions, where there are several. */
  replies: unknown[];
}

export interface OpenQuestion {
  id: RequestId;
  question: Question;
  at: Iso;
}

/** The requests of the app server that wait for an answer, oldest first. */
export interface Requests {
  add(asked: Asked, at: Iso, isHandled: boolean): void;
  /** It was answered by anybody, or withdrawn. */
  close(id: RequestId): void;
  closeThread(threadId: string): void;
  clear(): void;
  has(id: RequestId): boolean;
  /** A request that we answered ourselves is still open, so the user is needed. */
  giveBack(id: RequestId): void;
  current(): OpenQuestion | null;
  /** Whether a request that we answered ourselves is not closed yet. */
  isHandling(): boolean;
  /** Stores the reply to the current question of this request. Returns the whole result after the last one. */
  reply(id: RequestId, reply: unknown): { result: unknown } | null;
}

/** `kept` are the replies from before a restart. */
export function createRequests(kept: Replies = noReplies): Requests {
  const open = new Map<RequestId, Open>();
  function close(id: RequestId): void {
    const key = open.get(id)?.asked.key;
    if (key) kept.drop(key);
    open.delete(id);
  }
  return {
    add(asked, at, isHandled) {
      open.set(asked.id, { asked, at, isHandled, replies: asked.key ? kept.of(asked.key) : [] });
    },
    close,
    closeThread(threadId) {
      for (const [id, { asked }] of open) if (asked.threadId === threadId) close(id);
    },
    clear: () => open.clear(),
    has: (id) => open.has(id),
    giveBack(id) {
      const entry = open.get(id);
      if (entry !== undefined) entry.isHandled = false;
    },
    current() {
      for (const [id, { asked, at, isHandled, replies }] of open) {
        const question = asked.questions[replies.length];
        if (!isHandled && question !== undefined) return { id, question, at };
      }
      return null;
    },
    isHandling: () => [...open.values()].some(({ isHandled }) => isHandled),
    reply(id, reply) {
      const entry = open.get(id);
      if (entry === undefined) return null;
      const { asked, replies } = entry;
      replies.push(reply);
      const isWhole = replies.length >= asked.questions.length;
      // A complete answer did not arrive if the request is repeated, so ask from the first question.
      if (asked.key) isWhole ? kept.drop(asked.key) : kept.keep(asked.key, replies);
      return isWhole ? { result: asked.result(replies) } : null;
    },
  };
}

/** No more requests than this are partially answered at once. */
const KEPT = 20;

/** The replies to the first questions of requests with several. Codex accepts only all at once, and a restart must not ask again. */
export interface Replies {
  of(key: string): unknown[];
  keep(key: string, replies: readonly unknown[]): void;
  drop(key: string): void;
}

/** On disk, in the session's folder. */
export function openReplies(sessionDir: string): Replies {
  const file = keptFile(join(sessionDir, "codex-replies.json"), z.record(z.string(), z.array(z.unknown())));
  let kept = new Map(Object.entries(file.read() ?? {}));
  function write(next: Map<string, unknown[]>): void {
    kept = new Map([...next].slice(-KEPT));
    file.write(Object.fromEntries(kept));
  }
  return {
    of: (key) => [...(kept.get(key) ?? [])],
    keep: (key, replies) => write(new Map(kept).set(key, [...replies])),
    drop(key) {
      if (kept.has(key)) write(new Map([...kept].filter(([each]) => each !== key)));
    },
  };
}

const noReplies: Replies = { of: () => [], keep: () => undefined, drop: () => undefined };
