import type { EventDraft } from "./event.ts";

/**
 * What `decide` wants done. Committed as an intent under its key before it is carried out, struck out when its result
 * came back; whatever is open after a crash is carried out again, so each one looks first and does only what is missing.
 */
export type Action =
  | {
      kind: "start";
      key: string;
      launch: number;
      mode: "first" | "restore" | "turn" | "handoff";
      messageId: string | null;
    }
  | { kind: "stop"; key: string; launch: number; reason: string }
  /** Keep the work, remove the checkout, archive. */
  | { kind: "remove"; key: string; reason: string; dropUnreadable?: boolean }
  /** `isAgain`: begun before by a daemon that was killed; nobody knows how far it came. */
  | { kind: "deliver"; key: string; messageId: string; isAgain?: boolean }
  /** `isGentle`: only by an interrupt of the agent's own, which it survives; an agent without one goes on. */
  | { kind: "interrupt"; key: string; isGentle?: boolean }
  | {
      kind: "answer";
      key: string;
      wishId: string;
      dialogId: string;
      choice: string;
      number: number | null;
      isAlways: boolean;
    }
  | { kind: "open-pr"; key: string; title: string | null; body: string | null }
  /** The agent went to another branch: make it the session's own, if it may be. */
  | { kind: "follow-branch"; key: string; branch: string }
  | { kind: "merge"; key: string; headSha: string; method: "merge" | "squash" | "rebase" | null; isAuto: boolean }
  | { kind: "close-issue"; key: string; issueId: string; comment: string }
  | { kind: "notify"; key: string; notification: Notification };

/** What the human is told. Routed to channels by priority when it is due. */
export interface Notification {
  event: EventDraft;
  /** One cause, one notification: same cause is not told twice. */
  cause: string;
  /** Wait this long; dropped when the session's status is no longer one of `whileStatus`. */
  settleMs: number;
  whileStatus: string[] | null;
}

export type ActionKind = Action["kind"];
