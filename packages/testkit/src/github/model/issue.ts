import type { Account } from "./accounts.ts";
import type { Pull } from "./pull.ts";
import type { Repo } from "./repo.ts";

export interface Label {
  id: number;
  nodeId: string;
  name: string;
  color: string;
  description: string | null;
}

export interface Milestone {
  id: number;
  nodeId: string;
  number: number;
  title: string;
  description: string | null;
  state: "open" | "closed";
  creator: Account;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  dueOn: string | null;
}

export interface Comment {
  id: number;
  nodeId: string;
  issue: Issue;
  author: Account;
  body: string;
  createdAt: string;
  updatedAt: string;
  viaApp: number | null;
}

/** A row of an issue's timeline other than its comments. */
export interface IssueEvent {
  id: number;
  nodeId: string;
  event: string;
  actor: Account;
  createdAt: string;
  details: Record<string, unknown>;
}

/** An issue, or a pull request when `pull` is set: both share the numbers, comments, labels and states. */
export interface Issue {
  id: number;
  nodeId: string;
  repo: Repo;
  number: number;
  title: string;
  body: string | null;
  author: Account;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | "duplicate" | "reopened" | null;
  labels: Label[];
  assignees: Account[];
  milestone: Milestone | null;
  comments: Comment[];
  events: IssueEvent[];
  isLocked: boolean;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  closedBy: Account | null;
  parent: Issue | null;
  subIssues: Issue[];
  blockedBy: Issue[];
  pull: Pull | null;
}

/** An issue that is known to be a pull request. */
export type PullRequest = Issue & { pull: Pull };
