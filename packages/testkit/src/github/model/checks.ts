import type { Account, App } from "./accounts.ts";
import type { Repo } from "./repo.ts";

export type CheckState = "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";
export type Conclusion =
  | "success"
  | "failure"
  | "neutral"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required"
  | "stale"
  | "startup_failure";

export interface CommitStatus {
  id: number;
  nodeId: string;
  sha: string;
  context: string;
  state: "error" | "failure" | "pending" | "success";
  description: string | null;
  targetUrl: string | null;
  creator: Account;
  createdAt: string;
  updatedAt: string;
}

export interface Annotation {
  path: string;
  startLine: number;
  endLine: number;
  startColumn: number | null;
  endColumn: number | null;
  level: "notice" | "warning" | "failure";
  title: string | null;
  message: string;
  rawDetails: string | null;
}

export interface CheckSuite {
  id: number;
  nodeId: string;
  repo: Repo;
  app: App;
  sha: string;
  branch: string | null;
  run: WorkflowRun | null;
  createdAt: string;
  updatedAt: string;
}

export interface CheckRun {
  id: number;
  nodeId: string;
  suite: CheckSuite;
  name: string;
  sha: string;
  status: CheckState;
  conclusion: Conclusion | null;
  startedAt: string | null;
  completedAt: string | null;
  detailsUrl: string | null;
  externalId: string;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: Annotation[];
  /** The Actions job that this check run stands for. */
  job: Job | null;
}

export interface Workflow {
  id: number;
  nodeId: string;
  name: string;
  path: string;
  createdAt: string;
}

export interface Step {
  name: string;
  number: number;
  status: CheckState;
  conclusion: Conclusion | null;
  startedAt: string | null;
  completedAt: string | null;
  /** The step's part of the log, without time stamps. */
  output: string;
}

export interface Job {
  id: number;
  run: WorkflowRun;
  attempt: number;
  name: string;
  steps: Step[];
  check: CheckRun;
}

export interface WorkflowRun {
  id: number;
  nodeId: string;
  repo: Repo;
  workflow: Workflow;
  number: number;
  attempt: number;
  event: string;
  sha: string;
  branch: string;
  title: string;
  actor: Account;
  /** A first-time contributor's run: nothing of it starts before somebody approves it. */
  awaitsApproval: boolean;
  suite: CheckSuite;
  jobs: Job[];
  createdAt: string;
  updatedAt: string;
  startedAt: string;
}
