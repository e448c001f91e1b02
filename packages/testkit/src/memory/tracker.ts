import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { CreateIssueInput, Tracker } from "@agent-orchestrator/core/slots/tracker";
import type { Faults } from "./faults.ts";

export interface MemoryTracker
  extends Required<Omit<Tracker, "name" | "pollMs" | "findObstacles" | "getBlockers" | "check">> {
  readonly issues: Map<string, Issue>;
  readonly comments: { id: string; body: string }[];
  seed(issue: CreateIssueInput & { isClosed?: boolean }): string;
}

const urlOf = (id: string): string => `memory://issues/${id}`;

export function memoryTracker({ faults }: { faults: Faults }): MemoryTracker {
  const issues = new Map<string, Issue>();
  const comments: MemoryTracker["comments"] = [];
  const find = (identifier: string): Issue => {
    const found = issues.get(identifier.replace(/^memory:\/\/issues\//, "").replace(/^#/, ""));
    if (found === undefined) throw new AoError("NOT_FOUND", `no issue ${identifier}`);
    return found;
  };
  const seed: MemoryTracker["seed"] = ({ isClosed, labels = [], ...input }) => {
    const id = String(issues.size + 1);
    issues.set(id, { ...input, id, labels, url: urlOf(id), state: isClosed === true ? "closed" : "open" });
    return id;
  };
  const run = <T>(method: string, options: CallOptions | undefined, effect: () => T) =>
    faults.run(`tracker.${method}`, options, effect);
  return {
    issues,
    comments,
    seed,
    getIssue: (identifier, _project, options) => run("getIssue", options, () => find(identifier)),
    isCompleted: (identifier, _project, options) =>
      run("isCompleted", options, () => ["closed", "cancelled"].includes(find(identifier).state)),
    issueUrl: (identifier) => urlOf(identifier.replace(/^#/, "")),
    issueLabel: (url) => `#${url.slice(url.lastIndexOf("/") + 1)}`,
    branchName: (identifier) => `feat/${identifier.replace(/^#/, "")}`,
    generatePrompt: (identifier, _project, options) =>
      run("generatePrompt", options, () => {
        const { title, description } = find(identifier);
        return `${title}\n\n${description}`;
      }),
    listIssues: ({ state = "open", labels = [], assignee, limit, cycle }, _project, options) =>
      run("listIssues", options, () => {
        if (cycle !== undefined) throw new AoError("UNAVAILABLE", "the tracker in memory has no cycles");
        return [...issues.values()]
          .filter((issue) => state === "all" || (issue.state === "closed") === (state === "closed"))
          .filter((issue) => labels.every((label) => issue.labels.includes(label)))
          .filter((issue) => assignee === undefined || issue.assignee === assignee)
          .slice(0, limit);
      }),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    updateIssue: (identifier, { comment, ...changes }, _project, options) =>
      run("updateIssue", options, () => {
        const issue = find(identifier);
        if (comment !== undefined) comments.push({ id: issue.id, body: comment });
        issues.set(issue.id, { ...issue, ...changes });
      }),
    createIssue: (input, _project, options) => run("createIssue", options, () => find(seed(input))),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    commentIssue: (identifier, body, _project, options) =>
      run("commentIssue", options, () => void comments.push({ id: find(identifier).id, body })),
  };
}
