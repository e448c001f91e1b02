/** Something wrong with the state folder that did not stop it from opening. Shown by `ao doctor`. */
export interface Problem {
  kind:
    | "log-torn"
    | "log-damaged"
    | "log-gap"
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
  /** Where what was set aside lies now. */
  keptAt: string | null;
}

export type Report = (problem: Problem) => void;

export function problem(kind: Problem["kind"], message: string, more: Partial<Problem> = {}): Problem {
  return { kind, message, path: more.path ?? null, sessionId: more.sessionId ?? null, keptAt: more.keptAt ?? null };
}
