import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { infoFact, repositoryFact, usageReport } from "./facts.ts";
import { isFirstPrompt } from "./first-prompt.ts";
import { type MessageNotes, messageNotes } from "./messages-file.ts";
import { changeRecord } from "./record.ts";
import type { Happening, Seen } from "./seen.ts";

type Taken = Extract<Happening, { kind: "taken" }>;

const PROGRESS_MS = 5_000;
const USAGE_MS = 5_000;
/** Tokens are reported at once if they grew by this many and by this share, so that a limit is noticed in time. */
const GREW_TOKENS = 2_000;
const GREW_PART = 0.05;

export interface TellerMeans {
  session: Session;
  clock: Clock;
  emit(fact: AgentFact): void;
}

/** Turns what happened into facts, at a limited rate, because each fact is a write. */
export class Teller {
  readonly #means: TellerMeans;
  readonly #notes: MessageNotes;
  #progressAt = Number.NEGATIVE_INFINITY;
  #usageAt = Number.NEGATIVE_INFINITY;
  /** Messages that OpenCode has, and no model works on yet. */
  readonly #waiting = new Map<string, Taken>();
  readonly #toldTokens = new Map<string, number>();

  constructor(means: TellerMeans) {
    this.#means = means;
    this.#notes = messageNotes(means.session.sessionDir);
  }

  happen(seen: Seen, happening: Happening): void {
    const { emit, clock, session } = this.#means;
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
        this.usage(seen, [...seen.usage.keys()]);
        return;
      case "used":
        if (this.#isWorthTelling(seen, happening.conversation)) this.usage(seen, [happening.conversation]);
        return;
      case "ran":
        for (const fact of repositoryFact(happening.command, clock.now())) emit(fact);
        return;
      case "worked":
        this.#progress(happening.what);
        return;
      case "moved":
        changeRecord(session.sessionDir, { conversation: happening.to });
        emit(infoFact(seen));
        return;
      case "titled":
        emit(infoFact(seen));
    }
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

  usage(seen: Seen, conversations: readonly string[]): void {
    this.#usageAt = this.#means.clock.monotonic();
    for (const conversation of conversations) {
      const usage = usageReport(seen, conversation);
      this.#toldTokens.set(conversation, tokensOf(usage));
      if (usage.models.length > 0) this.#means.emit({ kind: "usage", usage });
    }
  }

  /** Reports a growing answer. `isGrown` is asked only when a report is due, because it is about every piece of a stream. */
  grown(isGrown: () => boolean): void {
    if (this.#means.clock.monotonic() - this.#progressAt >= PROGRESS_MS && isGrown())
      this.#progress("its answer grows");
  }

  #isWorthTelling(seen: Seen, conversation: string): boolean {
    if (this.#means.clock.monotonic() - this.#usageAt >= USAGE_MS) return true;
    const known = this.#toldTokens.get(conversation) ?? 0;
    return tokensOf(usageReport(seen, conversation)) - known >= Math.max(GREW_TOKENS, known * GREW_PART);
  }

  #progress(what: string): void {
    const { clock, emit } = this.#means;
    if (clock.monotonic() - this.#progressAt < PROGRESS_MS) return;
    this.#progressAt = clock.monotonic();
    emit({ kind: "progress", at: toIso(clock.now()), what });
  }
}

const tokensOf = ({ models }: UsageReport): number =>
  models.reduce((sum, { tokens }) => sum + tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite, 0);
