import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SessionUpdate, ToolCallUpdate } from "@agentclientprotocol/sdk";
import type { Journal } from "../journal.ts";
import type { HostSpec } from "../wire.ts";
import type { Dialogs } from "./dialogs.ts";
import type { Memory } from "./memory.ts";
import { modelIn, type Opened } from "./opening.ts";
import type { Peer } from "./peer.ts";
import { repositoryChange, type ToolCalls } from "./tool-calls.ts";
import type { Transcript } from "./transcript.ts";
import type { TurnEnd, Turns } from "./turns.ts";
import type { UsageMeter } from "./usage.ts";

export interface ConversationParts {
  spec: HostSpec;
  /** Where the agent listens. */
  peer: () => Peer;
  journal: Journal;
  memory: Memory;
  view: Transcript;
  clock: Clock;
  onChange(): void;
  onMoved(what: string): void;
}

/** What is known about one conversation, and its participants. */
export interface Talk extends ConversationParts {
  now(): string;
  calls: ToolCalls;
  dialogs: Dialogs;
  turns: Turns;
  /** Names of the agent's own commands (`/init`). */
  commands: ReadonlySet<string>;
  opened: Opened | null;
  meter: UsageMeter | null;
  /** Whether the current updates replay the past. */
  isReplaying: boolean;
  lastEnd: TurnEnd | null;
}

export function tellUsage(talk: Talk): void {
  const usage = talk.meter?.report() ?? null;
  if (usage !== null) talk.journal.add({ k: "usage", at: talk.now(), usage });
  talk.onChange();
}

/** What an agent reports while it works. */
export function onUpdate(talk: Talk, update: SessionUpdate): void {
  switch (update.sessionUpdate) {
    case "usage_update":
      if (talk.meter?.setCost(talk.opened?.model ?? null, update.cost)) tellUsage(talk);
      return;
    case "session_info_update":
      if (typeof update.title !== "string" || update.title === "") return;
      talk.journal.add({ k: "title", at: talk.now(), title: update.title });
      talk.onChange();
      return;
    case "available_commands_update":
      talk.commands = new Set(update.availableCommands.map(({ name }) => name.replace(/^\//, "")));
      return;
    case "config_option_update":
      if (talk.opened !== null) talk.opened.model = modelIn(update.configOptions) ?? talk.opened.model;
      return; // Like commands, these arrive at any time and don't mean work.
    case "tool_call":
    case "tool_call_update":
      onTool(talk, update);
      break;
    case "user_message_chunk":
      // In a live conversation it only repeats our own prompt.
      if (talk.isReplaying) talk.view.update(update);
      break;
    default:
      talk.view.update(update);
  }
  if (talk.isReplaying) return;
  talk.turns.noteSign();
  talk.onMoved(update.sessionUpdate);
}

function onTool(talk: Talk, update: ToolCallUpdate): void {
  const { call, before } = talk.calls.take(update);
  // While a question is open, its call has not started, whatever the agent reports.
  if (talk.dialogs.current() === null) talk.view.tool(call);
  if (talk.isReplaying) return;
  const hasEnded = call.status === "completed" && before?.status !== "completed";
  const what = hasEnded ? repositoryChange(call) : null;
  if (what !== null) talk.journal.add({ k: "repository", at: talk.now(), what });
  talk.onChange();
}
