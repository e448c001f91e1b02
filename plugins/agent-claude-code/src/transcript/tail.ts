import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type Kept as KeptFile, keptFile } from "@agent-orchestrator/agent-kit/kept";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { type Following, followJsonl } from "@agent-orchestrator/plugin-kit/jsonl-tail";
import { z } from "zod";
import { Folded, fold, nothingFolded } from "./fold.ts";
import { readLine, type TranscriptEvent } from "./line.ts";
import { countReceipt, ReceiptCounts, Waiting, type Way, withoutTakenIn } from "./receipts.ts";
import { emptyLedger, Ledger, readSides, Sides, usageOf } from "./usage.ts";

/** What is stored about a session for the next daemon. */
const Kept = z.object({
  conversation: z.string(),
  path: z.string(),
  inode: z.number().nullable(),
  offset: z.number(),
  folded: Folded,
  ledger: Ledger,
  receipts: ReceiptCounts,
  sides: Sides.default({}),
  waiting: Waiting.default([]),
});
type Kept = z.infer<typeof Kept>;

/** The time between two writes. What was read since is read again after a crash. */
const KEEP_EVERY_MS = 20_000;
/** The system reports changes, and hooks say when to look. This is for what got lost. */
const POLL_MS = 10_000;
/** The time between two looks at subagents' transcripts. */
const ASIDE_MS = 10_000;

export interface TailOptions {
  /** Where this is stored. */
  file: string;
  clock: Clock;
  signal: AbortSignal;
  /** `open` is the tool that ended, if one did. */
  onEvent(event: TranscriptEvent, before: Folded): void;
  onBatch(): void;
  onTrouble(what: string): void;
}

/** Reads the transcript of the current conversation from where it stopped, and sums up what it says. */
export class Tail {
  readonly #options: TailOptions;
  readonly #file: KeptFile<Kept>;
  #kept: Kept;
  #following: { tail: Following; end: AbortController } | null = null;
  #keptAt: number;
  #wasResting = false;
  #asideAt = Number.NEGATIVE_INFINITY;

  constructor(options: TailOptions, conversation: string, path: string) {
    this.#options = options;
    this.#keptAt = options.clock.monotonic();
    this.#file = keptFile(options.file, Kept, { isDurable: false });
    const kept = this.#file.read();
    this.#kept = kept?.conversation === conversation ? kept : fresh(conversation, path, kept);
    this.#follow();
  }

  get folded(): Folded {
    return this.#kept.folded;
  }

  get conversation(): string {
    return this.#kept.conversation;
  }

  get path(): string {
    return this.#kept.path;
  }

  /** What the conversation has used so far. */
  get usage(): UsageReport | null {
    return usageOf(this.#kept.conversation, this.#kept);
  }

  /** Reads the transcripts of subagents, which no source announces: now and then, and once more when the agent goes idle. */
  lookAside(isResting: boolean): void {
    const now = this.#options.clock.monotonic();
    const hasCome = isResting && !this.#wasResting;
    this.#wasResting = isResting;
    if (!hasCome && now - this.#asideAt < ASIDE_MS) return;
    this.#asideAt = now;
    this.#kept.sides = readSides(this.#kept.path, this.#kept.sides);
  }

  get ledger(): Ledger {
    return this.#kept.ledger;
  }

  set ledger(ledger: Ledger) {
    this.#kept.ledger = ledger;
  }

  get waiting(): Waiting {
    return this.#kept.waiting;
  }

  /** Stored at once, because the next reader may be another daemon. */
  set waiting(waiting: Waiting) {
    if (waiting.length === 0 && this.#kept.waiting.length === 0) return;
    this.#kept.waiting = waiting;
    this.keep();
  }

  /** The waiting messages, according to the whole transcript so far. */
  stillWaiting(): Waiting {
    return withoutTakenIn(this.#kept.waiting, this.#kept.path, this.#kept.offset);
  }

  /** Another conversation in the same process (/clear, /resume), or the real path of this one. */
  turnTo(conversation: string, path: string): void {
    if (conversation === this.#kept.conversation && path === this.#kept.path) return;
    const isSame = conversation === this.#kept.conversation;
    this.#kept = isSame ? { ...this.#kept, path } : fresh(conversation, path, this.#kept);
    this.#follow();
  }

  poke(): void {
    this.#following?.tail.poke();
  }

  /** Whether this is the first report of a message with this text. */
  isNewReceipt(way: Way, text: string): boolean {
    const { counts, isNews } = countReceipt(this.#kept.receipts, way, text);
    this.#kept.receipts = counts;
    return isNews;
  }

  keep(): void {
    this.#keptAt = this.#options.clock.monotonic();
    // Don't recreate a session that was removed in the meantime.
    if (existsSync(dirname(this.#options.file))) this.#file.write(this.#kept);
  }

  async stop(): Promise<void> {
    this.#following?.end.abort();
    await this.#following?.tail.ended;
    this.keep();
  }

  #follow(): void {
    this.#following?.end.abort();
    const { clock, signal, onBatch, onTrouble } = this.#options;
    const end = new AbortController();
    const kept = this.#kept;
    const tail: Following = followJsonl({
      path: kept.path,
      pollMs: POLL_MS,
      clock,
      signal: AbortSignal.any([signal, end.signal]),
      from: kept.offset,
      ...(kept.inode === null ? {} : { inode: kept.inode }),
      onLine: (value, offset) => this.#take(kept, value, offset),
      onRestart: () => Object.assign(kept, { folded: nothingFolded(), offset: 0 }),
      onSkipped: (what, offset) => {
        kept.offset = offset;
        onTrouble(`a line of the transcript was left out: ${what}`);
      },
      onCaughtUp: () => {
        kept.inode = tail.inode();
        if (clock.monotonic() - this.#keptAt > KEEP_EVERY_MS) this.keep();
        onBatch();
      },
      onFailed: (error) => onTrouble(`the transcript cannot be read: ${String(error)}`),
    });
    this.#following = { tail, end };
  }

  #take(kept: Kept, value: unknown, offset: number): void {
    kept.offset = offset;
    for (const event of readLine(value)) {
      this.#options.onEvent(event, kept.folded);
      kept.folded = fold(kept.folded, event);
    }
  }
}

const fresh = (conversation: string, path: string, before: Kept | null): Kept => ({
  conversation,
  path,
  inode: null,
  offset: 0,
  folded: nothingFolded(),
  ledger: before?.ledger ?? emptyLedger(),
  receipts: before?.receipts ?? [],
  sides: {},
  waiting: before?.waiting ?? [],
});
