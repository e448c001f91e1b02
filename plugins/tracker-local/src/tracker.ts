import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isoNow } from "@agent-orchestrator/core/host/clock";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { CreateIssueInput, IssueFilters, IssueUpdate, Tracker } from "@agent-orchestrator/core/slots/tracker";
import { addComment, scalar, setLabels, setScalar } from "./edit.ts";
import {
  addFile,
  changeFile,
  findFile,
  folderOf,
  type IssueFile,
  idOfName,
  listFiles,
  readIssueFile,
  twice,
} from "./folder.ts";
import { BrokenIssue, parseIssueText, readFields } from "./front-matter.ts";

/** Looking costs no more than reading a folder. */
const POLL_MS = 2_000;

type Project = Pick<ProjectConfig, "path">;

/** Issues as Markdown files in the project's working copy. See docs/slots/tracker.md. A call that has begun ends at once. */
export function createTracker(
  context: PluginContext,
): Required<Omit<Tracker, "findObstacles" | "getBlockers" | "check">> {
  const complained = new Set<string>();
  const complain = (problem: string) => {
    if (complained.has(problem)) return;
    complained.add(problem);
    context.log.warn(problem);
  };
  return {
    name: "local",
    pollMs: POLL_MS,
    async getIssue(identifier, project, options) {
      options?.signal?.throwIfAborted();
      return readIssue(findFile(project, idOf(identifier)));
    },
    async isCompleted(identifier, project, options) {
      options?.signal?.throwIfAborted();
      const { state } = readIssue(findFile(project, idOf(identifier)));
      return state === "closed" || state === "cancelled";
    },
    issueUrl: (identifier, project) => urlOf(project, idOf(identifier)),
    issueLabel: (url) => `#${idOf(url)}`,
    branchName: (identifier) => `feat/${idOf(identifier)}`,
    async generatePrompt(identifier, project, options) {
      options?.signal?.throwIfAborted();
      return promptOf(readIssue(findFile(project, idOf(identifier))));
    },
    async listIssues(filters, project, options) {
      options?.signal?.throwIfAborted();
      return listIssues(project, filters, complain);
    },
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    async updateIssue(identifier, update, project, options) {
      options?.signal?.throwIfAborted();
      const { path } = findFile(project, idOf(identifier));
      naming(path, () => changeFile(path, (text) => updated(text, update, headingAt(context))));
    },
    async createIssue(input, project, options) {
      options?.signal?.throwIfAborted();
      return createIssue(project, input);
    },
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    async commentIssue(identifier, body, project, options) {
      options?.signal?.throwIfAborted();
      const { path } = findFile(project, idOf(identifier));
      naming(path, () => changeFile(path, (text) => addComment(text, { heading: headingAt(context), body })));
    },
  };
}

/** `42`, `#42`, a path or a file URL of an issue. */
function idOf(identifier: string): string {
  const text = identifier.trim();
  const number = /^#?0*(\d{1,9})$/.exec(text)?.[1];
  if (number !== undefined) return String(Number(number));
  const id = idOfName(basename(text.startsWith("file:") ? pathOfUrl(text) : text));
  if (id !== null) return id;
  throw new AoError("NOT_FOUND", `${JSON.stringify(text.slice(0, 80))} is not an issue of the local tracker`, {
    hint: "Use its number, such as 42 or #42.",
  });
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    // It is not a path on this machine, so it is no issue either.
    return "";
  }
}

function urlOf(project: Project, id: string): string {
  const file = listFiles(project).files.find((candidate) => candidate.id === id);
  return pathToFileURL(file?.path ?? join(folderOf(project), `${id}.md`)).href;
}

/** Turns any problem with the file's text into one error that names the file. */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof BrokenIssue)) throw cause;
    throw new AoError("FAILED", `${path}: ${cause.message}`, {
      cause,
      hint: "Correct the front matter at the top of the file.",
    });
  }
}

function readIssue({ id, path }: IssueFile): Issue {
  return naming(path, () => {
    const parsed = parseIssueText(readIssueFile(path));
    const fields = readFields(parsed);
    const description = parsed.text.slice(parsed.bodyStart).replace(/\r\n/g, "\n").trim();
    return {
      id,
      title: (fields.title ?? titleFrom(description, path)).replaceAll("\0", "").replace(/\s*[\r\n]+\s*/g, " "),
      description,
      url: pathToFileURL(path).href,
      state: fields.state,
      labels: fields.labels,
      ...(fields.assignee === null ? {} : { assignee: fields.assignee }),
      ...(fields.priority === null ? {} : { priority: fields.priority }),
    };
  });
}

/** Without a `title`: the first heading, else the file's name in words. */
function titleFrom(description: string, path: string): string {
  const heading = /^#{1,6}[ \t]+(.+)$/m.exec(description)?.[1]?.trim();
  const words = basename(path)
    .replace(/\.md$/i, "")
    .replace(/^\d+[-_. ]?/, "")
    .replace(/[-_]+/g, " ")
    .trim();
  return heading ?? (words === "" ? basename(path) : words);
}

function promptOf(issue: Issue): string {
  const labels = issue.labels.length === 0 ? [] : [`Labels: ${issue.labels.join(", ")}`];
  return [`#${issue.id} ${issue.title}`, ...labels, "", issue.description].join("\n").trim();
}

function listIssues(project: Project, filters: IssueFilters, complain: (problem: string) => void): Issue[] {
  const { files, nameless } = listFiles(project);
  for (const path of nameless) complain(`${path} is skipped, because its name does not start with a number`);
  const issues = files.flatMap((file) => {
    const same = files.filter((other) => other.id === file.id);
    try {
      if (same.length > 1)
        throw twice(
          file.id,
          same.map((other) => other.path),
        );
      return [readIssue(file)];
    } catch (error) {
      if (!isAoError(error)) throw error;
      complain(error.message);
      return [];
    }
  });
  return issues.filter((issue) => fits(issue, filters)).slice(0, filters.limit ?? issues.length);
}

function fits(issue: Issue, { state = "open", labels = [], assignee }: IssueFilters): boolean {
  const isOpen = issue.state === "open" || issue.state === "in_progress";
  if (state !== "all" && (state === "open") !== isOpen) return false;
  if (assignee !== undefined && issue.assignee !== assignee) return false;
  return labels.every((label) => issue.labels.includes(label));
}

function updated(text: string, update: IssueUpdate, heading: string): string {
  const before = readFields(parseIssueText(text));
  let next = text;
  if (update.state !== undefined && update.state !== before.state) next = setScalar(next, "state", update.state);
  if (update.assignee !== undefined && update.assignee !== before.assignee) {
    next = setScalar(next, "assignee", update.assignee);
  }
  if (update.labels !== undefined && !sameSet(update.labels, before.labels)) next = setLabels(next, update.labels);
  if (update.comment === undefined) return next;
  // Called again after a crash. Everything is done, and the comment is there already.
  const isRepeat = next === text && bodyOf(text).includes(update.comment.trim());
  return isRepeat ? next : addComment(next, { heading, body: update.comment });
}

const bodyOf = (text: string): string => text.slice(parseIssueText(text).bodyStart).replace(/\r\n/g, "\n");
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((label) => b.includes(label));
const headingAt = ({ clock }: PluginContext): string => `Comment of ${isoNow(clock)}`;

function createIssue(project: Project, input: CreateIssueInput): Issue {
  const lines = [
    "---",
    `title: ${scalar(input.title)}`,
    "state: open",
    ...(input.labels === undefined ? [] : [`labels: [${input.labels.map(scalar).join(", ")}]`]),
    ...(input.assignee === undefined ? [] : [`assignee: ${scalar(input.assignee)}`]),
    ...(input.priority === undefined ? [] : [`priority: ${scalar(input.priority)}`]),
    "---",
    "",
    input.description.trim(),
    "",
  ];
  return readIssue(addFile(project, slugOf(input.title), lines.join("\n")));
}

function slugOf(title: string): string {
  const plain = title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return plain.slice(0, 50).replace(/^-+|-+$/g, "");
}
