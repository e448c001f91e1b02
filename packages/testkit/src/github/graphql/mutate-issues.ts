import { hasWrite } from "../domain/access.ts";
import {
  addComment,
  closeIssue,
  deleteComment,
  editComment,
  editIssue,
  openIssue,
  reopenIssue,
  setAssignees,
  setLabels,
  setMilestone,
} from "../domain/issues.ts";
import { Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { Comment, Issue, Label, Milestone } from "../model/issue.ts";
import { accountNode } from "./accounts.ts";
import { issueCommentNode, issueNode } from "./issue.ts";
import type { Input } from "./mutations.ts";
import type { Scope } from "./scope.ts";
import { accountsFor, issueFor, repoFor, string } from "./subjects.ts";

type Args = { input: Input };

const labelNames = (scope: Scope, ids: unknown): string[] =>
  ((ids ?? []) as string[]).map((id) => scope.world.node<Label>("LA", id)?.name).filter((name) => name !== undefined);

function commentFor(scope: Scope, id: unknown): { comment: Comment; actor: Account } {
  const comment = scope.world.node<Comment>("IC", String(id));
  if (comment === null) throw new Refusal(404, `Could not resolve to a node with the global id of '${String(id)}'.`);
  const { actor } = issueFor(scope, comment.issue.nodeId, "read");
  if (comment.author !== actor && !hasWrite(actor, comment.issue.repo)) {
    throw new Refusal(403, `${actor.login} does not have the correct permissions to execute \`UpdateIssueComment\``);
  }
  return { comment, actor };
}

export function changeIssue(scope: Scope, input: Input, { issue, actor }: { issue: Issue; actor: Account }): void {
  const { world } = scope;
  const title = string(input.title);
  editIssue(world, issue, {
    actor,
    ...(title === undefined ? {} : { title }),
    ...("body" in input ? { body: string(input.body) ?? null } : {}),
  });
  if (input.labelIds != null) setLabels(world, issue, { names: labelNames(scope, input.labelIds), actor });
  if (input.assigneeIds != null)
    setAssignees(world, issue, { logins: accountsFor(scope, input.assigneeIds).map(({ login }) => login), actor });
  if ("milestoneId" in input)
    setMilestone(world, issue, {
      milestone: input.milestoneId == null ? null : world.node<Milestone>("MI", String(input.milestoneId)),
      actor,
    });
}

export const issueMutations = {
  addComment({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.subjectId, "read");
    const comment = addComment(scope.world, issue, { author: actor, body: String(input.body) });
    return {
      commentEdge: { cursor: "", node: issueCommentNode(scope, comment) },
      subject: issueNode(scope, issue),
      timelineEdge: null,
    };
  },
  updateIssueComment({ input }: Args, scope: Scope) {
    const { comment, actor } = commentFor(scope, input.id);
    editComment(scope.world, comment, { body: String(input.body), actor });
    return { issueComment: issueCommentNode(scope, comment) };
  },
  deleteIssueComment({ input }: Args, scope: Scope) {
    const { comment, actor } = commentFor(scope, input.id);
    deleteComment(scope.world, comment, actor);
    return {};
  },
  createIssue({ input }: Args, scope: Scope) {
    const { repo, actor } = repoFor(scope, input.repositoryId, { permission: "issues", role: "read" });
    if (!repo.settings.hasIssues) throw new Refusal(422, `Issues are disabled for this repo`);
    const issue = openIssue(scope.world, repo, {
      author: actor,
      title: String(input.title),
      body: string(input.body) ?? null,
      labels: labelNames(scope, input.labelIds),
      assignees: accountsFor(scope, input.assigneeIds).map(({ login }) => login),
      milestone:
        input.milestoneId == null
          ? null
          : (scope.world.node<Milestone>("MI", String(input.milestoneId))?.number ?? null),
    });
    return { issue: issueNode(scope, issue) };
  },
  async updateIssue({ input }: Args, scope: Scope) {
    const about = issueFor(scope, input.id);
    changeIssue(scope, input, about);
    const { issue, actor } = about;
    if (input.state === "CLOSED") closeIssue(scope.world, issue, { actor });
    if (input.state === "OPEN") reopenIssue(scope.world, issue, actor);
    return { issue: issueNode(scope, issue), actor: accountNode(scope, actor) };
  },
  closeIssue({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.issueId);
    const reason = (string(input.stateReason)?.toLowerCase() ?? "completed") as Issue["stateReason"];
    closeIssue(scope.world, issue, { actor, reason });
    return { issue: issueNode(scope, issue) };
  },
  reopenIssue({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.issueId);
    reopenIssue(scope.world, issue, actor);
    return { issue: issueNode(scope, issue) };
  },
  addLabelsToLabelable({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.labelableId);
    setLabels(scope.world, issue, {
      names: [...issue.labels.map(({ name }) => name), ...labelNames(scope, input.labelIds)],
      actor,
    });
    return { labelable: issueNode(scope, issue) };
  },
  removeLabelsFromLabelable({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.labelableId);
    const gone = labelNames(scope, input.labelIds);
    setLabels(scope.world, issue, {
      names: issue.labels.map(({ name }) => name).filter((name) => !gone.includes(name)),
      actor,
    });
    return { labelable: issueNode(scope, issue) };
  },
  addAssigneesToAssignable({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.assignableId);
    setAssignees(scope.world, issue, {
      logins: [...new Set([...issue.assignees, ...accountsFor(scope, input.assigneeIds)])].map(({ login }) => login),
      actor,
    });
    return { assignable: issueNode(scope, issue) };
  },
  removeAssigneesFromAssignable({ input }: Args, scope: Scope) {
    const { issue, actor } = issueFor(scope, input.assignableId);
    const gone = accountsFor(scope, input.assigneeIds);
    setAssignees(scope.world, issue, {
      logins: issue.assignees.filter((one) => !gone.includes(one)).map(({ login }) => login),
      actor,
    });
    return { assignable: issueNode(scope, issue) };
  },
};
