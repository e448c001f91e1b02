import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import { check } from "./check.ts";
import type { Desk } from "./desk.ts";
import { blockersOf, readIssue, readLinear } from "./issue.ts";
import { listIssues } from "./list.ts";
import { findObstacles } from "./obstacles.ts";
import { promptOf } from "./prompt.ts";
import { address, parseReference } from "./reference.ts";
import { addComment, createIssue, updateIssue } from "./update.ts";
import { createWatch } from "./watched.ts";

/** A hundred watched issues are two queries each time: 98 an hour. */
const POLL_MS = 75_000;

/** Issues in Linear. See docs/slots/tracker.md. */
export function createTracker(desk: Desk): Tracker {
  const watch = createWatch(desk);
  const idOf = (identifier: string) => parseReference(identifier).id;
  return {
    name: "linear",
    pollMs: POLL_MS,
    getIssue: async (identifier, _project, options) => readIssue(desk, parseReference(identifier), options),
    isCompleted: async (identifier, _project, options) => watch(idOf(identifier), options),
    issueUrl: (identifier) => address(idOf(identifier), desk.workspace),
    issueLabel: (url) => idOf(url),
    branchName: (identifier) => `feat/${idOf(identifier).toLowerCase()}`,
    generatePrompt: async (identifier, _project, options) => promptOf(desk, parseReference(identifier), options),
    findObstacles: (issue, _project, options) => findObstacles(desk, issue, options),
    getBlockers: (issue, _project, options) => blockersOf(desk, parseReference(issue.id), options),
    listIssues: (filters, _project, options) => listIssues(desk, filters, options),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    updateIssue: async (identifier, update, _project, options) =>
      updateIssue(desk, { reference: parseReference(identifier), update }, options),
    check: (options) => check(desk, options),
    createIssue: (input, _project, options) => createIssue(desk, input, options),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    commentIssue: (identifier, body, _project, options) => commentIssue(desk, { identifier, body }, options),
  };
}

async function commentIssue(
  desk: Desk,
  { identifier, body }: { identifier: string; body: string },
  options?: CallOptions,
): Promise<void> {
  const issue = await readLinear(desk, parseReference(identifier), options);
  await addComment(desk, { issueId: issue.id, identifier: issue.identifier, body }, options);
}
