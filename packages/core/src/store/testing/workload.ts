import type { State } from "../../model/state.ts";
import type { CommitEvent, Store } from "../store.ts";
import { changed, sampleSession, withSession } from "./sample.ts";

const told = (message: string): CommitEvent => ({
  draft: { type: "session.working", message, data: { why: message } },
  sessionId: "app-1",
  projectId: "app",
});

/** One commit each. Together they do what two sessions do to the folder: create, change, start, archive, restore. */
export const STEPS: ((state: State) => { next: State; events: CommitEvent[] })[] = [
  (state) => ({ next: withSession(state, sampleSession("app-1")), events: [told("spawned")] }),
  (state) => ({
    next: {
      ...withSession(state, sampleSession("app-2", { extra: { note: "a=b" } })),
      lastNumber: { app: 2 },
      intents: { start: { key: "start", sessionId: "app-2", action: { kind: "start", key: "start" }, at: AT } },
    },
    events: [],
  }),
  (state) => ({
    next: { ...changed(state, "app-2", { phase: "running", turns: 1 }), intents: {} },
    events: [told("one"), told("two"), told("three")],
  }),
  (state) => ({ next: changed(state, "app-1", { summary: "x".repeat(1500), status: "needs_input" }), events: [] }),
  (state) => ({ next: changed(state, "app-1", { isArchived: true, phase: "archived" }), events: [told("archived")] }),
  (state) => ({ next: changed(state, "app-1", { isArchived: false, phase: "queued" }), events: [told("restored")] }),
  (state) => ({ next: { ...state, isPaused: true, wishes: { w1: { at: AT, sessionIds: ["app-1"] } } }, events: [] }),
];

const AT = "2026-01-01T00:00:01.000Z";

export interface Progress {
  /** The last state that `commit` returned for. */
  acked: State;
  /** Of a commit that has not returned, or threw. */
  open: State | null;
}

export function runSteps(store: Store, progress: Progress, onError?: (error: unknown) => void): void {
  progress.acked = store.state;
  for (const step of STEPS) {
    const commit = step(store.state);
    progress.open = commit.next;
    try {
      store.commit(commit);
      progress.acked = store.state;
      progress.open = null;
      store.views.flush();
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error);
      // Nothing more can be committed. The next start shows whether this one was.
      if (store.poisonedBy !== null) return;
      progress.open = null;
    }
  }
}
