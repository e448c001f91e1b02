import type { HeldFor } from "../model/message.ts";

/** Why a message waits, and what would help. An empty hint: only time. */
export interface HoldReason {
  why: string;
  hint: string;
}

const REASONS: Partial<Record<HeldFor, (id: string) => HoldReason>> = {
  asking: (id) => ({
    why: "the agent asks a question",
    hint: `\`ao answer ${id}\` answers it, \`ao show ${id}\` shows it.`,
  }),
  paused: () => ({ why: "it is paused", hint: "Run `ao resume`, then send it again." }),
  limit: (id) => ({
    why: "the usage limit of the agent's vendor is reached",
    hint: `\`ao show ${id}\` shows until when. --no-wait leaves it waiting, --now tries at once.`,
  }),
  human: (id) => ({
    why: "somebody is typing in its terminal, or left an unfinished draft there",
    hint: `Run \`ao attach ${id}\`, then send or clear the draft.`,
  }),
  starting: () => ({
    why: "the agent is still starting",
    hint: "Send it again in a moment, with a longer --timeout or with --no-wait.",
  }),
  busy: () => ({ why: "the agent is working", hint: "Send it with --now, a longer --timeout or --no-wait." }),
  unreadable: (id) => ({
    why: "its screen shows no input box that `ao` recognises, so nothing was typed",
    hint: `\`ao attach ${id}\` shows it. Close what covers the input box.`,
  }),
};

export const holdReason = (heldFor: HeldFor, id: string): HoldReason | null => REASONS[heldFor]?.(id) ?? null;
