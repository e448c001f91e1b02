import { join } from "node:path";
import { createLookPace } from "@agent-orchestrator/core/host/look-pace";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { type FileTable, fileTable } from "@agent-orchestrator/plugin-kit/records/file-table";
import { openSealing } from "@agent-orchestrator/plugin-kit/records/sealing";
import { type BranchFacts, type Ends, readBranchFacts } from "./branch-facts.ts";
import { definitionOf, type LiveRun, type Plan } from "./ci/job.ts";
import type { ScmOptions } from "./options.ts";
import { CommitChecks, PRRecord } from "./records.ts";
import type { Refs, Tip } from "./refs.ts";
import { openRepository, type Repository } from "./repository.ts";

/** What all verbs of one project's scm share. */
export interface Desk {
  context: PluginContext;
  options: ScmOptions;
  project: ProjectConfig;
  repository(): Promise<Repository>;
  prs: FileTable<PRRecord>;
  checks: FileTable<CommitChecks>;
  facts(repository: Repository, ends: Ends): Promise<BranchFacts>;
  /** The work of CI, as configured. */
  plan: Plan;
  /** The current CI run, if any. Replaced as a whole with each step. */
  live: { run: LiveRun | null };
  /**
   * Whether git may be asked about this head of a pull request now. A branch that keeps moving is looked at in steps, because each
   * look starts some programs.
   */
  mayLookAt(number: number, head: Tip): boolean;
  /** Notifies the watchers, and wakes the loop that starts CI. */
  changed(pr: { number?: number; branch?: string }): void;
  listeners: Set<(pr: { number?: number; branch?: string }) => void>;
}

/** Each look at a new head of a branch costs two to five programs. */
const LOOK_SHARE_MS = 1_000;

export function createDesk(options: ScmOptions, context: PluginContext): Desk {
  const { project, stateDir, log, clock } = context;
  if (project === undefined) throw new AoError("CONFIG", "scm `local` needs a project");
  let opened: Promise<Repository> | null = null;
  const open = async () => {
    try {
      return await openRepository(context, project.path);
    } catch (error) {
      opened = null;
      throw error;
    }
  };
  const sealing = openSealing(context, ["prs", "checks"]);
  const listeners: Desk["listeners"] = new Set();
  const pace = createLookPace(clock, LOOK_SHARE_MS);
  const setup = {
    lines: options.ciSetup ?? project.postCreate,
    timeoutMs: options.ciSetupTimeout ?? project.postCreateTimeoutMs,
  };
  return {
    context,
    options,
    project,
    repository: () => (opened ??= open()),
    prs: fileTable({ dir: join(stateDir, "prs"), schema: PRRecord, log, clock, sealing }),
    checks: fileTable({ dir: join(stateDir, "checks"), schema: CommitChecks, log, clock, sealing }),
    facts: rememberFacts(),
    plan: { ci: options.ci, setup, setupDefinition: definitionOf(...setup.lines, setup.timeoutMs) },
    live: { run: null },
    mayLookAt: (number, { sha, atMs }) =>
      pace.ask(String(number), { version: sha, restedMs: clock.now() - atMs }) === 0,
    listeners,
    changed: (pr) => {
      for (const listener of listeners) listener(pr);
    },
  };
}

const FACTS_KEPT = 2_000;

/** Facts about two commits never change, so git is asked once, and a few at a time. */
function rememberFacts(): Desk["facts"] {
  const known = new Map<string, Promise<BranchFacts>>();
  return (repository, ends) => {
    const key = [ends.head, ends.base, ...(ends.landed ?? [])].join(" ");
    const asked = known.get(key);
    if (asked !== undefined) return asked;
    const asking = readBranchFacts(repository, ends);
    known.set(key, asking);
    asking.catch(() => known.delete(key));
    if (known.size > FACTS_KEPT) known.delete(known.keys().next().value ?? "");
    return asking;
  };
}

export function recordOf(desk: Desk, pr: Pick<PRInfo, "number">): PRRecord {
  const record = desk.prs.get(String(pr.number));
  if (record !== null) return record;
  throw new AoError("NOT_FOUND", `${desk.project.id} has no pull request ${pr.number}`, {
    hint: `Pull requests are stored in ${join(desk.context.stateDir, "prs")}.`,
  });
}

/** Changes a record as it is at this moment, and notifies the watchers. */
export function amend(desk: Desk, number: number, change: (record: PRRecord) => Partial<PRRecord>): PRRecord {
  const record = recordOf(desk, { number });
  const next = { ...record, ...change(record) };
  desk.prs.put(String(number), next);
  desk.changed({ number, branch: record.branch });
  return next;
}

export const urlOf = (desk: Desk, number: number): string => `ao://${desk.project.id}/pr/${number}`;

export function infoOf(desk: Desk, record: PRRecord): PRInfo {
  return {
    number: record.number,
    url: urlOf(desk, record.number),
    title: record.title,
    owner: "local",
    repo: desk.project.id,
    branch: record.branch,
    baseBranch: record.baseBranch,
    isDraft: record.isDraft,
  };
}

export interface Tips {
  /** Null if the branch is gone. */
  head: { sha: string; atMs: number } | null;
  base: string | null;
}

export function tipsOf({ read }: Refs, branches: { branch: string; baseBranch: string }): Tips {
  return {
    head: read(`refs/heads/${branches.branch}`),
    base: read(`refs/heads/${branches.baseBranch}`)?.sha ?? null,
  };
}

/** Returns the newest pull request of a branch, in any state unless asked otherwise. */
export function findByBranch(desk: Desk, branch: string, state?: PRRecord["state"]): PRRecord | null {
  const found = indexOf(desk.prs.all()).get(branch) ?? [];
  return found.find((record) => state === undefined || record.state === state) ?? null;
}

const indexes = new WeakMap<ReadonlyMap<string, PRRecord>, Map<string, PRRecord[]>>();

/** Pull requests by branch, newest first. Computed once per state of the folder, since every session without one asks. */
export function indexOf(records: ReadonlyMap<string, PRRecord>): Map<string, PRRecord[]> {
  const known = indexes.get(records);
  if (known !== undefined) return known;
  const index = new Map<string, PRRecord[]>();
  for (const record of [...records.values()].sort((a, b) => b.number - a.number)) {
    index.set(record.branch, [...(index.get(record.branch) ?? []), record]);
  }
  indexes.set(records, index);
  return index;
}
