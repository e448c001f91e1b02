import { cleanForTerminal, FAILURE_SIGN } from "@agent-orchestrator/core/model/text";

export interface LogRow {
  key: string;
  number: number;
  line: string;
  isFailure: boolean;
}

export const isFailureLine = (line: string): boolean => FAILURE_SIGN.test(line);

/** The lines of a log, and which of them read like a failure. */
export function logRows(text: string): LogRow[] {
  return cleanForTerminal(text)
    .trimEnd()
    .split("\n")
    .map((line, at) => ({ key: String(at), number: at + 1, line, isFailure: isFailureLine(line) }));
}
