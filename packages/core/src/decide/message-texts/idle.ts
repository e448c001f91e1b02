import type { SessionRecord } from "../../model/session.ts";
import type { Problem } from "../reactions/rule.ts";
import { finishWork } from "./finish.ts";

export function composeIdle(record: SessionRecord, problem: Problem): string {
  return [
    `You have stopped, and your work is not handed in: you are ${problem.because}.`,
    `If you are not finished, go on. If you are: ${finishWork(record)} Say \`ao report done\` when nothing is left, \`ao report needs_input --note "…"\` if you wait for an answer.`,
  ].join("\n\n");
}
