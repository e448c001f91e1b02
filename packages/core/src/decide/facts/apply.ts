import type { SessionFact } from "../../model/fact.ts";
import { finishReply } from "../asks.ts";
import { type Draft, type FactOf, patch } from "../draft.ts";
import { release } from "../held-comments.ts";
import { applyLeftRunning } from "../left-running.ts";
import { moveBase } from "../lifecycle/base.ts";
import { finishFollow, refuseFollow } from "../lifecycle/branch.ts";
import { enterQueue } from "../lifecycle/merge-queue.ts";
import { openPr } from "../lifecycle/pull-request.ts";
import { finishReady } from "../lifecycle/ready.ts";
import { finishRemoval, finishStop, requestRemoval } from "../lifecycle/stop.ts";
import { finishTakeOver, requestTakeOver } from "../lifecycle/take-over.ts";
import { applyGrant } from "../limit-hold.ts";
import {
  acceptText,
  deferMessage,
  failMessage,
  loseMessage,
  messageWritten,
  settleMessage,
  withdrawMessage,
} from "../messages.ts";
import { applyUsage } from "../usage.ts";
import { applyActivity, applyInfo, applyReport, applyRepositoryChange, applyTurnEnd } from "./agent.ts";
import { applyAnswered, requestAnswer, settleAnswer, settleByActivity } from "./answers.ts";
import { applyFailure, applyMerged } from "./effects.ts";
import { endHandOver, requestHandOver } from "./hand-over.ts";
import { progress, touch } from "./pace.ts";
import { applyIssue, meetPredecessor, waitNoMore } from "./predecessors.ts";
import { applyExit, applyLost, applyReady, applyTyping } from "./runtime.ts";
import { applyAdmission, applyLaunched, applyStartFailed, applyWait, applyWorkspaceReady } from "./start.ts";
import {
  applyBranch,
  applyInterrupt,
  applyKill,
  applyMerge,
  applyRestore,
  applySend,
  applySet,
  applySnooze,
  noteDeed,
} from "./wishes.ts";
import { applyCheckLog, applyConflicts, applyNoPr, applyPr, applyUnanswered, applyWork } from "./world.ts";

/** Which facts show that the session is in use; cleanup counts from the last of them. */
const IS_ACTIVITY: ReadonlySet<SessionFact["kind"]> = new Set<SessionFact["kind"]>([
  "launched",
  "output",
  "exited",
  "human-input",
  "activity",
  "turn-ended",
  "progress",
  "text-taken",
  "repository-changed",
  "reported",
  "message-written",
  "message-accepted",
  "wish-send",
  "wish-release",
  "wish-restore",
  "wish-handoff",
  "wish-interrupt",
  "answered",
  "human-did",
]);

type Kind = SessionFact["kind"];
type Rule<K extends Kind> = (draft: Draft, fact: FactOf<K>) => void;

/** These are not about a session's record. */
const nothing = (): void => undefined;

/** What each fact changes in the record. Several rules apply in their order. */
const RULES: { readonly [K in Kind]: Rule<K> | readonly Rule<K>[] } = {
  // Starts.
  admitted: applyAdmission,
  waiting: applyWait,
  "predecessor-met": meetPredecessor,
  "workspace-ready": applyWorkspaceReady,
  launched: [applyLaunched, settleAnswer, endHandOver],
  "start-failed": applyStartFailed,

  // The runtime.
  ready: applyReady,
  output: (draft, { at }) => progress(draft, at),
  exited: [applyExit, settleAnswer],
  "runtime-lost": applyLost,
  "human-input": applyTyping,
  "left-running": (draft, { processes, at }) => applyLeftRunning(draft, processes, at),

  // The agent.
  activity: [settleByActivity, applyActivity],
  "turn-ended": [settleAnswer, applyTurnEnd],
  progress: (draft, { at }) => progress(draft, at),
  usage: (draft, { usage }) => applyUsage(draft, usage),
  "repository-changed": applyRepositoryChange,
  reported: applyReport,
  "agent-info": applyInfo,

  // The world around it.
  work: applyWork,
  pr: applyPr,
  "pr-none": applyNoPr,
  conflicts: applyConflicts,
  "check-log": applyCheckLog,
  "base-merged": moveBase,
  "issue-seen": applyIssue,
  unanswered: applyUnanswered,
  "resumed-watch": nothing,

  // Messages.
  "message-written": (draft, { id, at }) => messageWritten(draft, id, at),
  "message-accepted": (draft, { id, at }) => settle(draft, id, { state: "accepted", when: at }),
  "message-unconfirmed": (draft, { id, at, doubt }) => settle(draft, id, { state: "unconfirmed", when: at, doubt }),
  "message-lost": (draft, { id, at }) => loseMessage(draft, id, at),
  "message-deferred": deferMessage,
  "message-failed": (draft, { id, failure }) => failMessage(draft, id, failure),
  "text-taken": (draft, { text, at }) => acceptText(draft, text, at),

  // Wishes.
  "wish-send": applySend,
  "wish-answer": requestAnswer,
  "wish-release": (draft, fact) => release(draft, fact, fact.at),
  "wish-withdraw": (draft, { id }) => withdrawMessage(draft, id),
  "wish-kill": applyKill,
  "wish-restore": applyRestore,
  "wish-handoff": requestHandOver,
  "wish-remove": (draft, { reason }) => requestRemoval(draft, reason),
  "wish-interrupt": applyInterrupt,
  "wish-pause": (draft, { isPaused }) => patch(draft, { isPaused }),
  "wish-not-wait": waitNoMore,
  "wish-grant": applyGrant,
  "wish-merge": applyMerge,
  "wish-pr": (draft, { title, body, at }) => openPr(draft, { title, body, key: `wish:${at}` }),
  "wish-branch": applyBranch,
  "wish-claim": requestTakeOver,
  "wish-set": applySet,
  "wish-snooze": applySnooze,
  "human-did": noteDeed,

  // Results of actions.
  stopped: (draft, { at }) => finishStop(draft, at),
  removed: finishRemoval,
  merged: applyMerged,
  replied: (draft, { commentId }) => finishReply(draft, commentId),
  "pr-ready": finishReady,
  "merge-queued": (draft, { headSha }) => enterQueue(draft, headSha),
  "branch-followed": finishFollow,
  "pr-taken": finishTakeOver,
  "branch-refused": (draft, { reason }) => refuseFollow(draft, reason),
  answered: applyAnswered,
  "notices-told": nothing,
  "notices-not-told": nothing,
  "effect-failed": applyFailure,
};

/** The outcome of a message that was written. */
function settle(draft: Draft, id: string, outcome: Parameters<typeof settleMessage>[2]): void {
  messageWritten(draft, id, outcome.when);
  settleMessage(draft, id, outcome);
}

/** One fact into the record. A fact of another launch than the present one changes nothing. */
export function applyFact<K extends Kind>(draft: Draft, fact: FactOf<K>): void {
  if ("launch" in fact && fact.launch !== draft.record.launch.last?.number) return;
  if (IS_ACTIVITY.has(fact.kind)) touch(draft, fact.at);
  const rules: Rule<K> | readonly Rule<K>[] = RULES[fact.kind as K];
  for (const rule of typeof rules === "function" ? [rules] : rules) rule(draft, fact);
}
