import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import { NoticeSession } from "@agent-orchestrator/core/model/notification";
import type { SessionCard } from "@agent-orchestrator/core/model/session-card";
import { renderRoot } from "./card.ts";
import { type Desk, sendOnce } from "./deliver.ts";
import type { Edits } from "./edits.ts";
import { digest, type Thread } from "./ledger.ts";

export interface Threads {
  /** The first message of a session's thread. It is written if there is none. */
  rootOf(session: string, event: OrchestratorEvent | null, signal?: AbortSignal): Promise<string>;
  /** Slack does not have it any more. The next notice begins another. */
  forget(session: string): void;
  /** Shows what the session is like now, if it has a thread. */
  follow(card: SessionCard): void;
  /** Shows what was not shown before the last restart. */
  resume(): void;
}

export const openThreads = (desk: Desk, edits: Edits): Threads => new SessionThreads(desk, edits);

const rendered = ({ session, card, about }: Thread) => renderRoot(session, card, about);

class SessionThreads implements Threads {
  readonly #desk: Desk;
  readonly #edits: Edits;

  constructor(desk: Desk, edits: Edits) {
    this.#desk = desk;
    this.#edits = edits;
  }

  get #records() {
    return this.#desk.ledger.threads;
  }

  async rootOf(session: string, event: OrchestratorEvent | null, signal?: AbortSignal): Promise<string> {
    const record = this.#records.get(digest(session)) ?? this.#blank(session);
    const found = NoticeSession.safeParse(event?.data.session);
    const about = found.success ? found.data : record.about;
    return record.ts ?? (await this.#write({ ...record, about }, signal));
  }

  forget(session: string): void {
    const record = this.#records.get(digest(session));
    if (record !== undefined) this.#records.put({ ...record, ts: null, mark: "", shown: null });
  }

  follow(card: SessionCard): void {
    const record = this.#records.get(digest(card.sessionId));
    if (record === undefined || JSON.stringify(record.card) === JSON.stringify(card)) return;
    const now = { ...record, card };
    this.#records.put(now);
    this.#show(now);
  }

  resume(): void {
    for (const record of [...this.#records.all()]) this.#show(record);
  }

  #blank(session: string): Thread {
    const at = this.#desk.clock.now();
    return { key: digest(session), session, mark: "", after: null, ts: null, at, shown: null, about: null, card: null };
  }

  async #write(record: Thread, signal?: AbortSignal): Promise<string> {
    const { text, blocks, digest: shown } = rendered(record);
    const before = this.#records.get(record.key);
    const begun = before !== undefined && before.ts === null && before.mark !== "" ? { ...before, thread: null } : null;
    const { ts } = await sendOnce(
      this.#desk,
      {
        begun,
        message: { kind: "ao_session", text, blocks, thread: null, isBroadcast: false },
        begin: ({ mark, after }) => this.#records.put({ ...record, mark, after }),
        clear: () => this.#records.put({ ...record, mark: "", after: null }),
      },
      signal,
    );
    // A card may have come in between.
    const now = { ...(this.#records.get(record.key) ?? record), ts, at: this.#desk.clock.now(), shown };
    this.#records.put(now);
    this.#show(now);
    return ts;
  }

  #show(record: Thread): void {
    const { key, ts } = record;
    if (ts === null) return;
    const { text, blocks, digest: shown } = rendered(record);
    if (record.shown === shown) {
      this.#edits.drop(ts);
      return;
    }
    this.#edits.add({
      ...{ ts, text, blocks, isPaced: true },
      // What changed while it was edited is shown next.
      onDone: () => this.#change(key, ts, { shown }),
      onGone: () => this.#change(key, ts, { ts: null, mark: "", shown: null }),
    });
  }

  #change(key: string, ts: string, members: Partial<Thread>): void {
    const record = this.#records.get(key);
    if (record?.ts !== ts) return;
    const now = { ...record, ...members };
    this.#records.put(now);
    this.#show(now);
  }
}
