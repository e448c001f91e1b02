import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { IssueUpdate, Tracker } from "@agent-orchestrator/core/slots/tracker";
import { marked } from "@agent-orchestrator/plugin-kit/github/mark";
import { sayIn } from "@agent-orchestrator/plugin-kit/github/missing";
import { claim, release } from "./claim.ts";
import { type Desk, target } from "./desk.ts";
import { blockersOf, isClosed, listIssues, readIssue } from "./issue.ts";
import { findObstacles } from "./obstacles.ts";
import { promptOf } from "./prompt.ts";
import { formatReference, parseReference } from "./reference.ts";

/** An issue that did not change costs no quota. */
const POLL_MS = 60_000;

/** Issues on GitHub. See docs/slots/tracker.md. */
export function createTracker(desk: Desk): Tracker {
  const referenceOf = (identifier: string) => parseReference(identifier, desk);
  const idOf = (identifier: string) => formatReference(referenceOf(identifier), desk.repo);
  return {
    name: "github",
    pollMs: POLL_MS,
    getIssue: async (identifier, _project, options) => readIssue(desk, referenceOf(identifier), options),
    async isCompleted(identifier, _project, options) {
      return isClosed(await readIssue(desk, referenceOf(identifier), options));
    },
    issueUrl(identifier) {
      const { repo, number } = referenceOf(identifier);
      return `${desk.web}/${repo.owner}/${repo.name}/issues/${number}`;
    },
    issueLabel: (url) => `#${idOf(url)}`.replace(/^#(?=.*#)/, ""),
    branchName: (identifier) => `feat/${idOf(identifier).replace(/[/#]/g, "-")}`,
    generatePrompt: async (identifier, _project, options) => promptOf(desk, referenceOf(identifier), options),
    findObstacles: (issue, _project, options) => findObstacles(desk, issue, options),
    getBlockers: (issue, _project, options) => blockersOf(desk, issue, options),
    listIssues: (filters, _project, options) => listIssues(desk, filters, options),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    updateIssue: (identifier, update, _project, options) => updateIssue(desk, { identifier, update }, options),
    createIssue: (input, _project, options) => createIssue(desk, input, options),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    async commentIssue(identifier, body, _project, options) {
      const { repo, number } = referenceOf(identifier);
      await desk.github.say(`comment on issue ${number}`, () =>
        desk.writer.rest.issues.createComment({ ...target(repo, options), issue_number: number, body: marked(body) }),
      );
    },
  };
}

async function createIssue(
  desk: Desk,
  input: Parameters<NonNullable<Tracker["createIssue"]>>[0],
  options?: CallOptions,
): Promise<Issue> {
  const step = () =>
    desk.github.rest.issues.create({
      ...target(desk.repo, options),
      title: input.title,
      body: input.description,
      ...(input.labels === undefined ? {} : { labels: input.labels }),
      ...(input.assignee === undefined ? {} : { assignees: [input.assignee] }),
    });
  const { data } = await sayIn(desk.github, { what: "create an issue", place: { repo: desk.repo }, step }, options);
  return readIssue(desk, { repo: desk.repo, number: data.number }, options);
}

/** GitHub knows open and closed only. `in_progress` is a label. */
async function updateIssue(
  desk: Desk,
  { identifier, update }: { identifier: string; update: IssueUpdate },
  options?: CallOptions,
): Promise<void> {
  const reference = parseReference(identifier, desk);
  const { repo, number } = reference;
  const before = await readIssue(desk, reference, options);
  if (update.isClaimed !== undefined) await (update.isClaimed ? claim : release)(desk, before, options);
  const isSame = update.state === before.state && update.labels === undefined && update.assignee === undefined;
  const { comment } = update;
  if (comment !== undefined && !(isSame && (await hasComment(desk, { ...reference, comment }, options)))) {
    await desk.github.say(`comment on issue ${number}`, () =>
      desk.writer.rest.issues.createComment({ ...target(repo, options), issue_number: number, body: marked(comment) }),
    );
  }
  const labels = labelsAfter(before, update, desk.options.inProgressLabel);
  const state = update.state === undefined ? undefined : stateOf(update.state);
  if (state === undefined && labels === undefined && update.assignee === undefined) return;
  await desk.github.say(`update issue ${number}`, () =>
    desk.github.rest.issues.update({
      ...target(repo, options),
      issue_number: number,
      ...state,
      ...(labels === undefined ? {} : { labels }),
      ...(update.assignee === undefined ? {} : { assignees: update.assignee === "" ? [] : [update.assignee] }),
    }),
  );
}

function stateOf(state: NonNullable<IssueUpdate["state"]>) {
  if (state === "closed") return { state: "closed", state_reason: "completed" } as const;
  if (state === "cancelled") return { state: "closed", state_reason: "not_planned" } as const;
  return { state: "open" } as const;
}

/** Undefined if nothing changes. */
function labelsAfter(before: Issue, update: IssueUpdate, inProgress: string): string[] | undefined {
  const wanted = new Set(update.labels ?? before.labels);
  if (update.state === "in_progress") wanted.add(inProgress);
  else if (update.state !== undefined) wanted.delete(inProgress);
  const isSame = wanted.size === before.labels.length && before.labels.every((label) => wanted.has(label));
  return isSame ? undefined : [...wanted];
}

/** Called again after a crash. */
async function hasComment(
  desk: Desk,
  { repo, number, comment }: { repo: Desk["repo"]; number: number; comment: string },
  options?: CallOptions,
): Promise<boolean> {
  const { data } = await desk.github.say(`read the comments of issue ${number}`, () =>
    desk.github.rest.issues.listComments({ ...target(repo, options), issue_number: number, per_page: 100 }),
  );
  return data.some(({ body }) => body?.trim() === marked(comment));
}
