import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { type Issue, issueKey } from "@agent-orchestrator/core/model/issue";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { IssueFilters, Tracker } from "@agent-orchestrator/core/slots/tracker";

export interface NamedTracker {
  name: string;
  load(): Promise<Tracker>;
}

interface Found {
  name: string;
  tracker: Tracker;
  /** As this tracker takes it. */
  identifier: string;
}

/**
 * The trackers of a project with several, as one. Each is asked whether an issue is its own: what an identifier looks like decides
 * nothing. `linear:INT-100` asks only that one, and is what a session's issue is called from then on (`issueKey`).
 */
export function severalTrackers(members: readonly NamedTracker[]): Tracker {
  const whose = createWhose(members);
  const whoseIssue = async (issue: Issue): Promise<Tracker> =>
    (await whose.named(issueKey(issue)))?.tracker ?? unknown(issue);
  return {
    /** As seldom as the slowest of those that were used so far wants it. */
    get pollMs() {
      return whose.pollMs();
    },
    getIssue: (identifier, project, options) => whose.issue(identifier, { project, ...options }),
    async isCompleted(identifier, project, options) {
      const { tracker, identifier: own } = await whose.found(identifier, { project, ...options });
      return tracker.isCompleted(own, project, options);
    },
    async generatePrompt(identifier, project, options) {
      const { tracker, identifier: own } = await whose.found(identifier, { project, ...options });
      return tracker.generatePrompt(own, project, options);
    },
    // These only compute, so that they can't ask.
    issueUrl: (identifier) => identifier,
    branchName: (identifier) => `feat/${identifier.replace(/^[\w.-]+:/, "").replace(/[^\w.-]+/g, "-")}`,
    async findObstacles(issue, project, options) {
      return (await (await whoseIssue(issue)).findObstacles?.(issue, project, options)) ?? [];
    },
    async getBlockers(issue, project, options) {
      const blockers = (await (await whoseIssue(issue)).getBlockers?.(issue, project, options)) ?? [];
      return blockers.map((one) => ({ ...one, ...(issue.tracker === undefined ? {} : { tracker: issue.tracker }) }));
    },
    listIssues: (filters, project, options) => list(members, { filters, project, ...options }),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    async updateIssue(identifier, update, project, options) {
      const { name, tracker, identifier: own } = await whose.found(identifier, { project, ...options });
      if (tracker.updateIssue === undefined) throw cannot(name, "change issues");
      await tracker.updateIssue(own, update, project, options);
    },
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    async commentIssue(identifier, body, project, options) {
      const { name, tracker, identifier: own } = await whose.found(identifier, { project, ...options });
      if (tracker.commentIssue === undefined) throw cannot(name, "comment on issues");
      await tracker.commentIssue(own, body, project, options);
    },
  };
}

type Asking = CallOptions & { project: ProjectConfig };

const STANDARD_POLL_MS = 30_000;

function createWhose(members: readonly NamedTracker[]) {
  const polls = new Map<string, number>();
  async function load(member: NamedTracker): Promise<Tracker> {
    const tracker = await member.load();
    polls.set(member.name, tracker.pollMs ?? STANDARD_POLL_MS);
    return tracker;
  }

  /** The tracker that the identifier names. Null if it names none. */
  async function named(identifier: string): Promise<Found | null> {
    const [, name = "", rest = ""] = /^([\w@./-]+?):(.+)$/s.exec(identifier.trim()) ?? [];
    const member = members.find((one) => one.name === name);
    return member === undefined ? null : { name, tracker: await load(member), identifier: rest };
  }

  async function issue(identifier: string, asking: Asking): Promise<Issue> {
    const { project, signal } = asking;
    const options = signal === undefined ? {} : { signal };
    const one = await named(identifier);
    if (one !== null) return { ...(await one.tracker.getIssue(one.identifier, project, options)), tracker: one.name };
    const asked = members.map(async (member): Promise<Issue> => {
      const found = await (await load(member)).getIssue(identifier, project, options);
      return { ...found, tracker: member.name };
    });
    const answers = await Promise.allSettled(asked);
    signal?.throwIfAborted();
    return theOnly(
      identifier,
      members.map(({ name }, at) => ({ name, answer: answers[at] as (typeof answers)[number] })),
    );
  }

  return {
    named,
    issue,
    pollMs: () => Math.max(STANDARD_POLL_MS, ...polls.values()),
    async found(identifier: string, asking: Asking): Promise<Found> {
      const known = (await named(identifier)) ?? (await named(issueKey(await issue(identifier, asking))));
      if (known === null) throw new AoError("NOT_FOUND", `no tracker has an issue ${JSON.stringify(identifier)}`);
      return known;
    },
  };
}

interface Answered {
  name: string;
  answer: PromiseSettledResult<Issue>;
}

/** Throws NOT_FOUND, AMBIGUOUS with all that it could be, or why one of them can't tell. */
function theOnly(identifier: string, answers: readonly Answered[]): Issue {
  const shown = JSON.stringify(identifier.slice(0, 120));
  const issues = answers.flatMap(({ answer }) => (answer.status === "fulfilled" ? [answer.value] : []));
  const [only] = issues;
  if (issues.length > 1) {
    const keys = issues.map(issueKey);
    throw new AoError(
      "AMBIGUOUS",
      `${shown} is an issue in ${answers
        .filter(isFound)
        .map(({ name }) => name)
        .join(" and in ")}`,
      {
        hint: `Say which: ${keys.map((key) => `\`${key}\``).join(" or ")}.`,
        details: { candidates: issues.map(({ title, url }, at) => ({ id: keys[at], title, url })) },
      },
    );
  }
  const failed = answers.flatMap(({ name, answer }) =>
    answer.status === "rejected" ? [{ name, reason: answer.reason as unknown }] : [],
  );
  const unsure = failed.find(({ reason }) => !isAoError(reason) || reason.code !== "NOT_FOUND");
  if (unsure !== undefined) {
    const { code, message, details } = toAoError(unsure.reason);
    const hint =
      only === undefined
        ? toAoError(unsure.reason).hint
        : `If ${issueKey(only)} is meant, say so: \`${issueKey(only)}\`.`;
    throw new AoError(code, `cannot tell whether ${shown} is an issue in ${unsure.name}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    });
  }
  if (only !== undefined) return only;
  const reasons = failed.map(({ name, reason }) => `${name}: ${toAoError(reason).message}`);
  throw new AoError("NOT_FOUND", `no tracker of this project has an issue ${shown} (${reasons.join("; ")})`);
}

const isFound = ({ answer }: Answered): boolean => answer.status === "fulfilled";

type Listing = Asking & { filters: IssueFilters };

/** What one tracker lists. One that never lists has nothing. */
export async function issuesOf(
  { name, load }: NamedTracker,
  { filters, project, ...options }: Listing,
): Promise<Issue[]> {
  const issues = (await (await load()).listIssues?.(filters, project, options)) ?? [];
  return issues.map((issue): Issue => ({ ...issue, tracker: name }));
}

/** What each tracker lists, or why it can't now. */
export async function listEach(
  members: readonly NamedTracker[],
  ask: (member: NamedTracker) => Promise<Issue[]>,
): Promise<Listed[]> {
  const asked = members.map(async (member): Promise<Listed> => {
    const { name } = member;
    try {
      return { name, issues: await ask(member), failure: null };
    } catch (error) {
      return { name, issues: [], failure: toAoError(error) };
    }
  });
  return Promise.all(asked);
}

export interface Listed {
  name: string;
  issues: Issue[];
  failure: AoError | null;
}

/** One of each in turns. */
export function inTurns(lists: readonly Issue[][], limit = Number.POSITIVE_INFINITY): Issue[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  const turns = Array.from({ length: longest }, (_, at) => lists.flatMap((one) => one[at] ?? [])).flat();
  return turns.slice(0, limit);
}

/** Of every tracker that can list, or none if one fails. */
async function list(members: readonly NamedTracker[], asking: Listing): Promise<Issue[]> {
  const lists = await Promise.all(members.map((member) => issuesOf(member, asking)));
  return inTurns(lists, asking.filters.limit);
}

const cannot = (name: string, what: string): AoError => new AoError("REFUSED", `the tracker ${name} cannot ${what}`);

const unknown = (issue: Issue): never => {
  throw new AoError("NOT_FOUND", `no tracker of this project has the issue ${issueKey(issue)}`);
};
