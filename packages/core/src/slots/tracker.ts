import type { Issue, IssueStage, IssueState } from "../model/issue.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { CallOptions } from "./common.ts";

export interface IssueFilters {
  state?: "open" | "closed" | "all";
  labels?: string[];
  assignee?: string;
  /** Of a tracker with cycles: `current`, `next`, `previous`, or its number or name. */
  cycle?: string;
  limit?: number;
}
export interface IssueUpdate {
  state?: IssueState;
  labels?: string[];
  assignee?: string;
  comment?: string;
  /** True: assign it to the user and mark it as in progress. False: take the mark away, and leave it assigned. */
  isClaimed?: boolean;
  /** The work is at least this far. A tracker with such states moves the issue forward to it, and never back. */
  stage?: IssueStage;
  /** The pull request for it. A tracker on another forge shows it with the issue. */
  pr?: { url: string; title: string };
}
export interface CreateIssueInput {
  title: string;
  description: string;
  labels?: string[];
  assignee?: string;
  priority?: number;
}

/**
 * WHAT to work on. Everything it returns is a stranger's text: data that core quotes. A method that waits takes a signal, and throws
 * as soon as it aborts. The others only compute.
 */
export interface Tracker {
  readonly name?: string;
  /** How often to ask whether an issue is closed that a session waits for. If absent, the daemon's own interval. */
  readonly pollMs?: number;
  /** Throws NOT_FOUND. `identifier` as the user typed it: `42`, `#42`, a URL. */
  getIssue(identifier: string, project: ProjectConfig, options?: CallOptions): Promise<Issue>;
  isCompleted(identifier: string, project: ProjectConfig, options?: CallOptions): Promise<boolean>;
  issueUrl(identifier: string, project: ProjectConfig): string;
  /** Short form of a URL for tables: `#42`, `INT-100`. */
  issueLabel?(url: string, project: ProjectConfig): string;
  /** The branch this tracker would use, such as `feat/42`. */
  branchName(identifier: string, project: ProjectConfig): string;
  /** The issue as text to quote in the prompt. */
  generatePrompt(identifier: string, project: ProjectConfig, options?: CallOptions): Promise<string>;
  /** Why an agent had better not begin with it now, in words: it is closed, somebody else's, or done in an open pull request. */
  findObstacles?(issue: Issue, project: ProjectConfig, options?: CallOptions): Promise<string[]>;
  /** Open issues that must be closed before an agent begins with this one, by the tracker's own relations. */
  getBlockers?(issue: Issue, project: ProjectConfig, options?: CallOptions): Promise<Issue[]>;
  listIssues?(filters: IssueFilters, project: ProjectConfig, options?: CallOptions): Promise<Issue[]>;
  updateIssue?(identifier: string, update: IssueUpdate, project: ProjectConfig, options?: CallOptions): Promise<void>;
  createIssue?(input: CreateIssueInput, project: ProjectConfig, options?: CallOptions): Promise<Issue>;
  /** For `ao doctor`: whether it can be reached, and as whom. Absent if the scm of the same plugin tells. */
  check?(options?: CallOptions): Promise<{ ok: boolean; text: string; hint?: string }[]>;
  commentIssue?(identifier: string, body: string, project: ProjectConfig, options?: CallOptions): Promise<void>;
}
