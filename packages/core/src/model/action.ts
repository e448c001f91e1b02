import type { EventDraft } from "./event.ts";
import type { IssueStage } from "./issue.ts";
import type { LeftProcess } from "./left-running.ts";
import type { ChannelId } from "./notice.ts";
import type { PRInfo } from "./pull-request.ts";
import type { Iso } from "./time.ts";

/**
 * What `decide` wants done. It is committed as an intent under its key before it runs, and closed when its result arrives.
 * Open intents run again after a crash, so each action looks first and does only what is missing.
 */
export type Action =
  | {
      kind: "start";
      key: string;
      launch: number;
      mode: "first" | "restore" | "turn" | "handoff";
      messageId: string | null;
      /** The start before this one failed half-way, and something of it may still run. */
      hasLeftovers?: boolean;
    }
  | { kind: "stop"; key: string; launch: number; reason: string }
  /** Keep the work, remove the checkout and archive the session. */
  | { kind: "remove"; key: string; reason: string; dropUnreadable?: boolean }
  /** `isAgain`: started before by a daemon that was killed. How far it got is unknown. */
  /** `isDraftOld`: a draft that was in the way has stood there for a while, and nobody has typed since. */
  | { kind: "deliver"; key: string; messageId: string; isAgain?: boolean; isDraftOld?: boolean }
  | Interrupt
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
  /** The thread of this comment is answered by this head. Reply there, and resolve it. */
  | { kind: "reply"; key: string; commentId: string; headSha: string }
  /** The draft is ready for review. */
  | { kind: "mark-ready"; key: string; number: number }
  /** The agent switched to another branch. Make it the session's own, if allowed. */
  | { kind: "follow-branch"; key: string; branch: string }
  /** Bring the pull request's branch here, switch to it, and read what the agent is to know. */
  | { kind: "take-pr"; key: string; pr: PRInfo; branch: string }
  | { kind: "merge"; key: string; headSha: string; method: "merge" | "squash" | "rebase" | null; isAuto: boolean }
  /** Base its pull request on another branch. */
  | { kind: "retarget"; key: string; to: string }
  /** Have these failing checks run again on this head. `attempt`: the one that failed. */
  | { kind: "rerun"; key: string; headSha: string; checks: { name: string; attempt: number }[] }
  | { kind: "close-issue"; key: string; issueId: string; comment: string }
  /** Assign the issue to the user and mark it as in progress, or take the mark away. */
  | { kind: "claim-issue"; key: string; issueId: string; isClaimed: boolean }
  /** The work on the issue is at least this far. Move it there if it is not, and show its pull request with it. */
  | { kind: "stage-issue"; key: string; issueId: string; stage: IssueStage; pr: { url: string; title: string } | null }
  /** Becomes a notice in the same step, and is never an intent. */
  | { kind: "notify"; key: string; notification: Notification }
  /** Give a channel the notices with these keys. */
  | { kind: "tell"; key: string; channel: ChannelId; notices: string[] };

export type Interrupt = {
  kind: "interrupt";
  key: string;
  /** Only with an interrupt of the agent's own, which it survives. An agent without one continues. */
  isGentle?: boolean;
  /** Processes of the tool call that it cuts are not older than this. Null: no turn runs, so there is nothing to cut. */
  began?: Iso | null;
  /** What an earlier tool call left running. */
  left?: readonly LeftProcess[];
  /** Also end what runs on. */
  kills?: boolean;
};

/** A notification for the user. It goes to the channels of its priority when it is due. */
export interface Notification {
  event: EventDraft;
  /** The cause. The user is not notified twice of the same one. */
  cause: string;
  /** Wait this long. Dropped if the session's status is then no longer one of `whileStatus`. */
  settleMs: number;
  whileStatus: string[] | null;
}

export type ActionKind = Action["kind"];
