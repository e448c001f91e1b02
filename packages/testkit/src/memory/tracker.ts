import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CreateIssueInput, Tracker } from "@agent-orchestrator/core/slots/tracker";
import type { Faults } from "./faults.ts";

export interface MemoryTracker extends Required<Omit<Tracker, "name">> {
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
  const run = <T>(method: string, effect: () => T) => faults.run(`tracker.${method}`, undefined, effect);
  return {
    issues,
    comments,
    seed,
    getIssue: (identifier) => run("getIssue", () => find(identifier)),
    isCompleted: (identifier) => run("isCompleted", () => ["closed", "cancelled"].includes(find(identifier).state)),
    issueUrl: (identifier) => urlOf(identifier.replace(/^#/, "")),
    issueLabel: (url) => `#${url.slice(url.lastIndexOf("/") + 1)}`,
    branchName: (identifier) => `feat/${identifier.replace(/^#/, "")}`,
    generatePrompt: (identifier) =>
      run("generatePrompt", () => {
        const { title, description } = find(identifier);
        return `${title}\n\n${description}`;
      }),
    listIssues: ({ state = "open", labels = [], assignee, limit }) =>
      run("listIssues", () =>
        [...issues.values()]
          .filter((issue) => state === "all" || (issue.state === "closed") === (state === "closed"))
          .filter((issue) => labels.every((label) => issue.labels.includes(label)))
          .filter((issue) => assignee === undefined || issue.assignee === assignee)
          .slice(0, limit),
      ),
    updateIssue: (identifier, { comment, ...changes }) =>
      run("updateIssue", () => {
        const issue = find(identifier);
        if (comment !== undefined) comments.push({ id: issue.id, body: comment });
        issues.set(issue.id, { ...issue, ...changes });
      }),
    createIssue: (input) => run("createIssue", () => find(seed(input))),
    commentIssue: (identifier, body) =>
      run("commentIssue", () => void comments.push({ id: find(identifier).id, body })),
  };
}
