import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { statusOf } from "@agent-orchestrator/plugin-kit/github/errors";
import { viewer } from "@agent-orchestrator/plugin-kit/github/viewer";
import { type Desk, target } from "./desk.ts";
import { assigneesOf } from "./issue.ts";
import { parseReference } from "./reference.ts";

/** Assigns the issue to the token's user and labels it. GitHub ignores an assignee that it can't have, such as an app. */
export async function claim(desk: Desk, issue: Issue, options?: CallOptions): Promise<void> {
  const { repo, number } = parseReference(issue.id, desk);
  const { rest } = desk.github;
  const where = { ...target(repo, options), issue_number: number };
  const me = await viewer(desk.github, options);
  if (!assigneesOf(issue).includes(me)) {
    await desk.github.say(`assign issue ${number} to ${me}`, () =>
      rest.issues.addAssignees({ ...where, assignees: [me] }),
    );
  }
  const label = desk.options.inProgressLabel;
  if (issue.labels.includes(label)) return;
  await desk.github.say(`label issue ${number}`, () => rest.issues.addLabels({ ...where, labels: [label] }));
}

/** Removes the label. Whoever is assigned stays so. */
export async function release(desk: Desk, issue: Issue, options?: CallOptions): Promise<void> {
  const { repo, number } = parseReference(issue.id, desk);
  const name = desk.options.inProgressLabel;
  if (!issue.labels.includes(name)) return;
  try {
    await desk.github.say(`remove a label of issue ${number}`, () =>
      desk.github.rest.issues.removeLabel({ ...target(repo, options), issue_number: number, name }),
    );
  } catch (error) {
    if (statusOf(error) !== 404) throw error; // Somebody else was faster.
  }
}
