import type { Issue, IssueState } from "../model/issue.ts";
import type { ProjectConfig } from "../model/project.ts";

export interface IssueFilters {
  state?: "open" | "closed" | "all";
  labels?: string[];
  assignee?: string;
  limit?: number;
}
export interface IssueUpdate {
  state?: IssueState;
  labels?: string[];
  assignee?: string;
  comment?: string;
}
export interface CreateIssueInput {
  title: string;
  description: string;
  labels?: string[];
  assignee?: string;
  priority?: number;
}

/** WHAT to work on. Everything it returns is a stranger's text: data that core quotes. */
export interface Tracker {
  readonly name?: string;
  /** Throws NOT_FOUND. `identifier` as the user typed it: `42`, `#42`, a URL. */
  getIssue(identifier: string, project: ProjectConfig): Promise<Issue>;
  isCompleted(identifier: string, project: ProjectConfig): Promise<boolean>;
  issueUrl(identifier: string, project: ProjectConfig): string;
  /** Short form of a URL for tables: `#42`, `INT-100`. */
  issueLabel?(url: string, project: ProjectConfig): string;
  /** The branch this tracker would use, such as `feat/42`. */
  branchName(identifier: string, project: ProjectConfig): string;
  /** The issue as text to quote in the prompt. */
  generatePrompt(identifier: string, project: ProjectConfig): Promise<string>;
  listIssues?(filters: IssueFilters, project: ProjectConfig): Promise<Issue[]>;
  updateIssue?(identifier: string, update: IssueUpdate, project: ProjectConfig): Promise<void>;
  createIssue?(input: CreateIssueInput, project: ProjectConfig): Promise<Issue>;
  commentIssue?(identifier: string, body: string, project: ProjectConfig): Promise<void>;
}
