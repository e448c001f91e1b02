import { openDialog } from "../../model/question.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { NewFact } from "../mailbox.ts";
import type { Sim } from "./simulation.ts";

/** What a user (or the agent itself, with a report) requests of this session. */
export function wishOf(sim: Sim, record: SessionRecord, deed: string): NewFact | null {
  switch (deed) {
    case "send":
    case "sendNow":
      sim.sent += 1;
      return { kind: "wish-send", message: { id: `m${sim.sent}`, text: "go on", isUrgent: deed === "sendNow" } };
    case "kill":
    case "remove":
      return { kind: "wish-kill", remove: deed === "remove", by: "user", reason: "ended by hand" };
    case "restore":
      return { kind: "wish-restore" };
    case "merge":
      if (record.pr.snapshot === null || record.status !== "mergeable") return null;
      return { kind: "wish-merge", headSha: record.pr.snapshot.headSha, method: null };
    case "pause":
    case "resume":
      return { kind: "wish-pause", isPaused: deed === "pause" };
    case "answer":
      return answerOf(sim, record);
    case "handoff":
      sim.sent += 1;
      return {
        kind: "wish-handoff",
        wishId: `w${sim.sent}`,
        agent: `agent-${sim.sent}`,
        agentOptions: {},
        words: null,
      };
    case "interrupt":
      return { kind: "wish-interrupt" };
    case "report":
      return {
        kind: "reported",
        state: sim.chance.pick(["working", "needs_input", "done"] as const) ?? "done",
        note: null,
      };
    default:
      return null;
  }
}

/** Answers the dialog as it was seen, which may have been replaced by then. */
function answerOf(sim: Sim, record: SessionRecord): NewFact | null {
  const dialog = openDialog(record);
  if (dialog === null) return null;
  sim.sent += 1;
  return {
    kind: "wish-answer",
    wishId: `w${sim.sent}`,
    dialogId: dialog.id,
    choice: "Yes",
    number: 1,
    isAlways: false,
  };
}
