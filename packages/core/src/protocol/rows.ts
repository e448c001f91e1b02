import type { ErrorCode } from "../model/errors.ts";

/** Rows of the answers that are lists. */

export interface IssueRow {
  id: string;
  projectId: string;
  title: string;
  url: string;
  state: string;
  labels: string[];
  assignee: string | null;
  session: string | null;
}

export interface IssuesMeta {
  /** There are more than were asked for. */
  isMore: boolean;
  /** Of a project with several trackers: those that did not answer, so that their issues are missing. */
  failed?: { tracker: string; text: string; hint?: string }[];
}

/** What became, or would become, of a session's work. */
export interface LeftSession {
  session: string;
  projectId: string;
  branch: string;
  /** Commits and edits that are not merged; null: none. */
  unmerged: string | null;
  /** Where its checkout was kept. */
  keptIn: string | null;
  /** Where its checkout still is. */
  leftAt: string | null;
  /** Why it could not be kept. */
  problem: string | null;
}

export interface CleanupRow {
  session: string;
  status: string;
  reason: string;
  dueAt: string | null;
  isDue: boolean;
  isDone: boolean;
  problem: string | null;
  /** The error code of the problem, which determines the exit status. */
  code?: ErrorCode;
  /** What was not kept, or could not be removed yet, in sentences. */
  notes?: string[];
}

export interface DoctorRow {
  area: string;
  level: "ok" | "warning" | "error";
  text: string;
  hint?: string;
}

export interface PluginRow {
  slot: string;
  name: string;
  version: string;
  source: string;
  description: string;
  isDefault: boolean;
  /** Its file has changed since it was loaded: the older one runs until the daemon is restarted. */
  isStale?: boolean;
  problem: string | null;
}
