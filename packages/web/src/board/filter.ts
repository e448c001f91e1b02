import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { titleOf } from "../words/session-words.ts";

export interface Filter {
  /** Null: all. */
  project: string | null;
  text: string;
}

/** One project per config and name. */
export const projectKey = ({ instanceId, projectId }: Pick<SessionView, "instanceId" | "projectId">): string =>
  `${instanceId}/${projectId}`;

/** All words must be somewhere in it. `ci:failing` and the like compare one value. */
export function filtered(views: readonly SessionView[], { project, text }: Filter): SessionView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return views.filter((view) => {
    if (project !== null && projectKey(view) !== project) return false;
    return words.every((word) => fits(view, word));
  });
}

function fits(view: SessionView, word: string): boolean {
  const [key, value] = word.split(":", 2);
  if (value !== undefined && value !== "") {
    const known = partOf(view, key ?? "");
    if (known !== undefined) return known.toLowerCase().includes(value);
  }
  return haystack(view).includes(word);
}

function partOf(view: SessionView, key: string): string | undefined {
  switch (key) {
    case "status":
      return view.status;
    case "agent":
      return view.agent;
    case "project":
      return view.projectId;
    case "ci":
      return view.pr?.ci ?? "";
    case "review":
      return view.pr?.review ?? "";
    case "branch":
      return view.branch;
    default:
      return undefined;
  }
}

const haystack = (view: SessionView): string =>
  [
    view.id,
    titleOf(view),
    view.issue === null ? "" : `#${view.issue.id}`,
    view.agent,
    view.projectId,
    view.status,
    view.branch,
    view.pr === null ? "" : `pr ${view.pr.number}`,
  ]
    .join("\n")
    .toLowerCase();

export interface Project {
  key: string;
  name: string;
  count: number;
  /** Sessions that need you. */
  need: number;
}

/** The projects of these sessions. Two of the same name say which config they are of. */
export function projectsOf(views: readonly SessionView[]): Project[] {
  const found = new Map<string, Project & { instance: string }>();
  for (const view of views) {
    const key = projectKey(view);
    const known = found.get(key) ?? { key, name: view.projectId, instance: view.instanceId, count: 0, need: 0 };
    known.count += 1;
    if (view.group === "needs-you" || view.group === "ready-to-merge") known.need += 1;
    found.set(key, known);
  }
  const all = [...found.values()];
  return all
    .map(({ instance, ...project }) => {
      const isAlone = all.filter(({ name }) => name === project.name).length === 1;
      return { ...project, name: isAlone ? project.name : `${project.name} (${instance})` };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
