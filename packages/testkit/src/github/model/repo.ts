import type { Bare } from "../git/bare.ts";
import type { Account, Role } from "./accounts.ts";
import type { CheckRun, CheckSuite, CommitStatus, Workflow, WorkflowRun } from "./checks.ts";
import type { Hook } from "./hooks.ts";
import type { Issue, Label, Milestone } from "./issue.ts";
import type { MergeMethod, QueueEntry } from "./pull.ts";

export interface Settings {
  allowedMethods: Set<MergeMethod>;
  deleteBranchOnMerge: boolean;
  allowAutoMerge: boolean;
  hasIssues: boolean;
  isArchived: boolean;
  /**
   * `reviewDecision` of a pull request whose base requires no review. GitHub was seen to answer both ways.
   */
  decidesWithoutRule: boolean;
}

/** What a branch demands, by classic protection or by a ruleset. */
export interface Demands {
  requiredChecks: { context: string; appId: number | null }[];
  isStrict: boolean;
  /** `null` when no review is demanded. */
  requiredApprovals: number | null;
  dismissesStale: boolean;
  requiresCodeOwners: boolean;
  requiresResolvedThreads: boolean;
  requiresLinearHistory: boolean;
  enforcesAdmins: boolean;
  mergeQueue: MergeMethod | null;
}

export interface Ruleset {
  id: number;
  nodeId: string;
  name: string;
  enforcement: "active" | "evaluate" | "disabled";
  /** Branch names, or `~DEFAULT_BRANCH` and `~ALL`. */
  branches: string[];
  demands: Demands;
  createdAt: string;
}

export interface Repo {
  id: number;
  nodeId: string;
  owner: Account;
  name: string;
  description: string | null;
  isPrivate: boolean;
  defaultBranch: string;
  parent: Repo | null;
  collaborators: Map<string, Role>;
  settings: Settings;
  git: Bare;
  /** Open and closed issues and pull requests by number. */
  issues: Map<number, Issue>;
  labels: Label[];
  milestones: Milestone[];
  statuses: CommitStatus[];
  checkSuites: CheckSuite[];
  checkRuns: CheckRun[];
  workflows: Workflow[];
  runs: WorkflowRun[];
  protections: Map<string, Demands>;
  rulesets: Ruleset[];
  hooks: Hook[];
  queue: QueueEntry[];
  createdAt: string;
  updatedAt: string;
  pushedAt: string;
}
