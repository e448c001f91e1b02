import type { SessionRecord } from "../../model/session.ts";
import type { Problem } from "../reactions/rule.ts";

/** For a reaction that is sent to the agent only because a config says so: the fact, in one line. */
export function composeGeneric(record: SessionRecord, problem: Problem): string {
  return `A note on ${record.branch}: ${problem.because}.`;
}
