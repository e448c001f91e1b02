import { repositoryWork } from "@agent-orchestrator/agent-kit/repository-work";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ToolCallContent, ToolCallUpdate } from "@agentclientprotocol/sdk";
import { commandOf } from "./permission.ts";

/** What is known about one tool call, from all updates so far. */
export interface ToolCall {
  id: string;
  title: string;
  kind: string;
  status: "pending" | "in_progress" | "completed" | "failed";
  command: string | null;
  content: readonly ToolCallContent[];
  /** What the terminal has shown of it. */
  shown: { isBegun: boolean; isEnded: boolean };
}

export interface ToolCalls {
  take(update: ToolCallUpdate): { call: ToolCall; before: ToolCall | null };
  /** The one that is running or about to run. */
  running(): ToolCall | null;
  /** The turn is over. Calls that have not ended by now will not be reported. */
  clear(): void;
}

export function toolCalls(): ToolCalls {
  const calls = new Map<string, ToolCall>();
  return {
    take(update) {
      const before = calls.get(update.toolCallId) ?? null;
      const call = merged(before, update);
      calls.set(call.id, call);
      return { call, before };
    },
    running: () => [...calls.values()].filter(({ status }) => !isOver(status)).at(-1) ?? null,
    clear: () => calls.clear(),
  };
}

export const isOver = (status: ToolCall["status"]): boolean => status === "completed" || status === "failed";

/** A later update replaces what it names and leaves the rest. */
function merged(before: ToolCall | null, update: ToolCallUpdate): ToolCall {
  const kind = update.kind ?? before?.kind ?? "other";
  return {
    id: update.toolCallId,
    title: oneLine(update.title ?? before?.title ?? kind, 300),
    kind,
    status: update.status ?? before?.status ?? "pending",
    command: commandOf({ kind, rawInput: update.rawInput }) ?? before?.command ?? null,
    content: update.content ?? before?.content ?? [],
    shown: before?.shown ?? { isBegun: false, isEnded: false },
  };
}

/** What it did to branch, commits or pull request. Only a hint to look. */
export function repositoryChange(call: ToolCall): string | null {
  if (call.kind !== "execute" && call.kind !== "other") return null;
  return repositoryWork(call.command ?? call.title);
}
