import { AoError } from "../model/errors.ts";
import { oneLine } from "../model/text.ts";

export interface SpawnPlace {
  projects: { id: string; path: string }[];
  cwd: string;
}

/** What `ao spawn` was asked for: the first word is the project if it is a project's id; in its folder it may be left out. */
export function parseSpawnArguments(words: string[], place: SpawnPlace): { project: string; issues: string[] } {
  const [first, ...rest] = words;
  const named = place.projects.find((project) => project.id === first);
  if (named !== undefined) return { project: named.id, issues: unique(rest) };
  if (first !== undefined && !isIssueLike(first)) throw taskInWords(words) ?? noProject(first, place);
  return { project: projectHere(place).id, issues: unique(words) };
}

const unique = (words: string[]): string[] => [...new Set(words)];

/** `42`, `#42`, `INT-100`, `owner/repo#42`, `linear:INT-100`, a UUID, an address. */
const isIssueLike = (word: string): boolean =>
  /^#?\d+$/.test(word) ||
  /^#/.test(word) ||
  /^[A-Za-z][A-Za-z0-9]*-\d+$/.test(word) ||
  /^[\w.-]+\/[\w.-]+#\d+$/.test(word) ||
  /^[A-Za-z][\w.-]*:\S+$/.test(word) ||
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(word) ||
  /^[a-z][a-z0-9+.-]*:\/\//i.test(word);

/** The project whose folder this is (the innermost one), or the only one there is. */
function projectHere({ projects, cwd }: SpawnPlace): { id: string; path: string } {
  const around = projects.filter(({ path }) => cwd === path || cwd.startsWith(path.endsWith("/") ? path : `${path}/`));
  const innermost = around.sort((a, b) => b.path.length - a.path.length)[0];
  const only = projects.length === 1 ? projects[0] : undefined;
  const found = innermost ?? only;
  if (found !== undefined) return found;
  throw new AoError("USAGE", "which project? This folder is in none of them", { hint: nameOne(projects) });
}

/** Where somebody wrote the task itself instead of an issue: how to say that. null: the words look like something else. */
export function taskInWords(words: string[], project?: string): AoError | null {
  const isSentence = words.length > 1 || /\s/.test(words[0] ?? "");
  if (!isSentence || words.some(isIssueLike)) return null;
  const task = oneLine(words.join(" "), 120);
  const quoted = /["$`\\!]/.test(task) ? `'${task.replaceAll("'", "'\\''")}'` : `"${task}"`;
  const place = project === undefined ? "" : `${project} `;
  return new AoError("USAGE", `${quoted} is neither a project nor an issue`, {
    hint: `To give it to an agent as its task: \`ao spawn ${place}-p ${quoted}\`.`,
  });
}

function noProject(word: string, { projects }: SpawnPlace): AoError {
  return new AoError("NOT_FOUND", `no project ${oneLine(word, 60)}`, { hint: nameOne(projects) });
}

const nameOne = (projects: { id: string }[]): string =>
  projects.length === 0
    ? "The config has no projects."
    : `Projects: ${projects.map((project) => project.id).join(", ")}.`;
