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

export function openThreads(desk: Desk, edits: Edits): Threads {
  const { ledger, clock } = desk;
  const { threads } = ledger;
  const known = (session: string) => threads.get(digest(session));
  const rendered = ({ session, card, about }: Thread) => renderRoot(session, card, about);

  function blank(session: string): Thread {
    const at = clock.now();
    return { key: digest(session), session, mark: "", after: null, ts: null, at, shown: null, about: null, card: null };
  }

  async function write(record: Thread, signal?: AbortSignal): Promise<string> {
    const { text, blocks, digest: shown } = rendered(record);
    const before = threads.get(record.key);
    const begun = before !== undefined && before.ts === null && before.mark !== "" ? { ...before, thread: null } : null;
    const { ts } = await sendOnce(
      desk,
      {
        begun,
        message: { kind: "ao_session", text, blocks, thread: null, isBroadcast: false },
        begin: ({ mark, after }) => threads.put({ ...record, mark, after }),
        clear: () => threads.put({ ...record, mark: "", after: null }),
      },
      signal,
    );
    // A card may have come in between.
    const now = { ...(threads.get(record.key) ?? record), ts, at: clock.now(), shown };
    threads.put(now);
    show(now);
    return ts;
  }

  function show(record: Thread): void {
    const { key, ts } = record;
    const { text, blocks, digest: shown } = rendered(record);
    if (ts === null || record.shown === shown) return;
    const change = (members: Partial<Thread>) => {
      const now = threads.get(key);
      if (now?.ts === ts) threads.put({ ...now, ...members });
    };
    edits.add({
      ...{ ts, text, blocks, isPaced: true },
      onDone: () => change({ shown }),
      onGone: () => change({ ts: null, mark: "", shown: null }),
    });
  }

  return {
    async rootOf(session, event, signal) {
      const record = known(session) ?? blank(session);
      const found = NoticeSession.safeParse(event?.data.session);
      const about = found.success ? found.data : record.about;
      if (record.ts === null) return await write({ ...record, about }, signal);
      return record.ts;
    },
    forget(session) {
      const record = known(session);
      if (record !== undefined) threads.put({ ...record, ts: null, mark: "", shown: null });
    },
    follow(card) {
      const record = known(card.sessionId);
      if (record === undefined || JSON.stringify(record.card) === JSON.stringify(card)) return;
      const now = { ...record, card };
      threads.put(now);
      show(now);
    },
    resume: () => {
      for (const record of [...threads.all()]) show(record);
    },
  };
}
