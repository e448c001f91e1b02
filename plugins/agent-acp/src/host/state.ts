import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { turnFailure } from "@agent-orchestrator/plugin-kit/turn-failure";
import type { HostState } from "../wire.ts";
import type { ToolCall } from "./tool-calls.ts";
import type { Prompt, TurnEnd } from "./turns.ts";

export interface Known {
  thread: string | null;
  dialog: Dialog | null;
  running: Prompt | null;
  queued: number;
  tool: ToolCall | null;
  lastEnd: TurnEnd | null;
  isLimited: boolean;
}

/** What the agent is doing, from what is known now. An open question comes first, because nothing continues without its answer. */
export function stateOf(known: Known): Omit<HostState, "since"> {
  const { thread, dialog, running, queued, tool, lastEnd, isLimited } = known;
  const base = { thread, queued, dialog, tool: running === null ? null : toolName(tool) };
  if (dialog !== null) return { ...base, phase: "asking", evidence: `asks: ${oneLine(dialog.text, 120)}` };
  if (thread === null) return { ...base, phase: "starting", evidence: "the conversation is being opened" };
  if (running !== null) {
    return {
      ...base,
      phase: "busy",
      evidence: tool === null ? "a prompt is being worked on" : `runs ${toolName(tool)}`,
    };
  }
  if (lastEnd?.error != null) {
    const evidence = `the turn failed: ${lastEnd.error}`;
    if (isLimited) return { ...base, phase: "limited", evidence };
    return { ...base, phase: "ready", evidence, failure: turnFailure({ text: lastEnd.error }) };
  }
  return {
    ...base,
    phase: "ready",
    evidence: lastEnd === null ? "nothing asked so far" : `the turn ended: ${lastEnd.stop}`,
  };
}

const toolName = (tool: ToolCall | null): string | null =>
  tool === null ? null : oneLine(tool.command ?? tool.title, 120);
