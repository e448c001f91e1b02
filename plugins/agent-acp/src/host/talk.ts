import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Journal } from "../journal.ts";
import type { HostSpec } from "../wire.ts";
import type { Dialogs } from "./dialogs.ts";
import type { Memory } from "./memory.ts";
import type { Opened } from "./opening.ts";
import type { Peer } from "./peer.ts";
import type { ToolCalls } from "./tool-calls.ts";
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
