/** Something wrong with the state folder that did not keep it from opening. `ao doctor` shows it. */
export interface Problem {
  kind:
    | "log-torn"
    | "log-damaged"
    | "log-gap"
    | "log-foreign"
    | "log-lost"
    | "secret-lost"
    | "session-rebuilt"
    | "session-damaged"
    | "metadata-edited"
    | "metadata-damaged"
    | "checkpoint-damaged"
    | "spool-malformed"
    | "file-system"
    | "disk-full"
    | "view-failed"
    | "checkpoint-failed";
  /** One line for people. */
  message: string;
  path: string | null;
  sessionId: string | null;
  /** Where the file that was set aside is now. */
  keptAt: string | null;
}

export type Report = (problem: Problem) => void;

export function problem(kind: Problem["kind"], message: string, more: Partial<Problem> = {}): Problem {
  return { kind, message, path: more.path ?? null, sessionId: more.sessionId ?? null, keptAt: more.keptAt ?? null };
}
