import { replyToFixes } from "../asks.ts";
import type { Draft } from "../draft.ts";
import { handOver } from "../facts/hand-over.ts";
import { retryMove } from "./base.ts";
import { followBranch } from "./branch.ts";
import { claimIssue } from "./claim.ts";
import { closeAgain } from "./close.ts";
import { openPrAtTurnEnd } from "./pull-request.ts";
import { markReadyWhenGreen } from "./ready.ts";
import { rerunChecks } from "./reruns.ts";
import { stageIssue } from "./stage.ts";
import { cleanUp, stopEnded } from "./stop.ts";

/** What a session's life requires, apart from wishes and reactions. */
export function live(draft: Draft): void {
  handOver(draft);
  followBranch(draft);
  openPrAtTurnEnd(draft);
  markReadyWhenGreen(draft);
  replyToFixes(draft);
  retryMove(draft);
  stopEnded(draft);
  cleanUp(draft);
  claimIssue(draft);
  stageIssue(draft);
  closeAgain(draft);
  rerunChecks(draft);
}
