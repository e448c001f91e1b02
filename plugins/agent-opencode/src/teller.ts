import { repositoryWork } from "@agent-orchestrator/agent-kit/repository-work";
import { createTeller, type Teller as Pen } from "@agent-orchestrator/agent-kit/teller";
import { addTokens } from "@agent-orchestrator/agent-kit/tokens";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ModelUsage, UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact, AgentSessionInfo } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { changeRecord } from "./launch/record.ts";
import { isFirstPrompt } from "./server/first-prompt.ts";
import { type MessageNotes, messageNotes } from "./server/hand-over.ts";
import type { Happening, Seen, Used } from "./server/seen.ts";

type Taken = Extract<Happening, { kind: "taken" }>;

export interface TellerMeans {
  session: Session;
  clock: Clock;
  emit(fact: AgentFact): void;
}

/** Turns what happened into facts, at a limited rate, because each fact is a write. */
export class Teller {
  readonly #means: TellerMeans;
  readonly #notes: MessageNotes;
  readonly pen: Pen;
  /** Messages that OpenCode has, and no model works on yet. */
  readonly #waiting = new Map<string, Taken>();

  constructor(means: TellerMeans) {
    this.#means = means;
    this.pen = createTeller(means);
    this.#notes = messageNotes(means.session.sessionDir);
  }

  happen(seen: Seen, happening: Happening): void {
    switch (happening.kind) {
      case "taken":
        this.#take(seen, happening);
        return;
      case "answered":
        this.#settle(happening.id, (message) => this.receipt(message));
        return;
      case "unseen":
        this.#settle(happening.id, (message) => this.#unseen(message, happening.why));
        return;
      case "turn-over":
        this.usageOfAll(seen);
        return;
      case "used":
        this.#usage(seen, happening.conversation);
        return;
      case "ran":
        this.#ran(happening.command);
        return;
      case "worked":
        this.pen.progress(happening.what);
        return;
      case "moved":
        changeRecord(this.#means.session.sessionDir, { conversation: happening.to });
        this.pen.info(infoOf(seen));
        return;
      case "titled":
        this.pen.info(infoOf(seen));
    }
  }

  #ran(command: string): void {
    const what = repositoryWork(command);
    if (what !== null) this.#means.emit({ kind: "repository-changed", at: toIso(this.#means.clock.now()), what });
  }

  /** Identifies our messages by id, and the user's and the first prompt by their text. Each is reported once, even across restarts of the daemon. */
  receipt(message: Taken): void {
    if (this.#notes.isTold(message)) return;
    const owner = this.#notes.ownerOf(message.id);
    const at = toIso(message.created);
    const isOurs = owner !== null && !isFirstPrompt(owner);
    this.#means.emit({ kind: "accepted", at, ...(isOurs ? { messageId: owner } : { text: message.text }) });
    this.#notes.tell(message);
  }

  /** Our own message counts once a model works on it, or another turn has to end before. Others were typed, and are only noted. */
  #take(seen: Seen, message: Taken): void {
    const running = seen.statuses.get(seen.root);
    const isQueued = running !== undefined && running.isFinished !== true && running.prompt !== message.id;
    const owner = this.#notes.ownerOf(message.id);
    const isOurs = owner !== null && !isFirstPrompt(owner);
    if (isOurs && !isQueued && seen.unanswered?.id === message.id) this.#waiting.set(message.id, message);
    else this.receipt(message);
  }

  #settle(id: string, how: (message: Taken) => void): void {
    const message = this.#waiting.get(id);
    if (message === undefined) return;
    this.#waiting.delete(id);
    how(message);
  }

  #unseen(message: Taken, why: string): void {
    const owner = this.#notes.ownerOf(message.id);
    if (owner === null || this.#notes.isTold(message)) return;
    const reason = oneLine(`OpenCode has it, but its turn failed before a model saw it: ${why}`, 200);
    this.#means.emit({ kind: "unconfirmed", at: toIso(message.created), messageId: owner, reason });
    this.#notes.tell(message);
  }

  /** Reports all sums as they are now. */
  usageOfAll(seen: Seen): void {
    for (const conversation of seen.usage.keys()) this.#usage(seen, conversation);
    this.pen.flush();
  }

  #usage(seen: Seen, conversation: string): void {
    const usage = usageReport(seen, conversation);
    if (usage.models.length > 0) this.pen.usage(usage);
  }

  /** Reports a growing answer. `isGrown` is asked only when a report is due, because it is about every piece of a stream. */
  grown(isGrown: () => boolean): void {
    if (this.pen.isProgressDue() && isGrown()) this.pen.progress("its answer grows");
  }
}

/** OpenCode's default names for an unnamed conversation. */
const UNNAMED = /^(New|Child) session - \d{4}-/;

export function infoOf(seen: Seen): Partial<AgentSessionInfo> {
  const title = seen.title === null || UNNAMED.test(seen.title) ? null : oneLine(seen.title);
  return { agentSessionId: seen.root, ...(title === null ? {} : { summary: title }) };
}

/** What one conversation has used in total, by model. */
export function usageReport(seen: Seen, conversation: string): UsageReport {
  const models = new Map<string | null, ModelUsage>();
  for (const used of seen.usage.get(conversation)?.values() ?? []) {
    models.set(used.model, sum(models.get(used.model), used));
  }
  return { key: conversation, models: [...models.values()].map(priced) };
}

function sum(before: ModelUsage | undefined, { model, tokens, usd }: Used): ModelUsage {
  const { input, output, reasoning, cache } = tokens;
  const more = { input, output: output + reasoning, cacheRead: cache.read, cacheWrite: cache.write };
  return { model, tokens: addTokens(before?.tokens, more), usd: (before?.usd ?? 0) + usd };
}

/** OpenCode reports 0 for a model whose price it does not know. That is not a price. */
const priced = (usage: ModelUsage): ModelUsage => (usage.usd === 0 ? { ...usage, usd: null } : usage);
