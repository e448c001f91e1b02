import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join, sep } from "node:path";
import { atomicReplace, readText } from "@agent-orchestrator/core/host/files";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";

/** Where the project's own working copy keeps its issues. Copies in worktrees are not read. */
export const folderOf = (project: Pick<ProjectConfig, "path">): string => join(project.path, ".ao", "issues");

export interface IssueFile {
  id: string;
  path: string;
}

const NAME = /^0*(\d{1,9})(?:[-_. ].*)?\.md$/i;
const MAX_BYTES = 256 * 1024;

export function idOfName(name: string): string | null {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? null : String(Number(digits));
}

/** Returns the files with a number, and the names of those without one, which are not issues. */
export function listFiles(project: Pick<ProjectConfig, "path">): { files: IssueFile[]; nameless: string[] } {
  const folder = folderOf(project);
  const names = namesIn(folder, project.path).filter((name) => /\.md$/i.test(name) && !name.startsWith("."));
  const files = names.flatMap((name) => {
    const id = idOfName(name);
    return id === null ? [] : [{ id, path: join(folder, name) }];
  });
  files.sort((a, b) => Number(a.id) - Number(b.id) || (a.path < b.path ? -1 : 1));
  const nameless = names.filter((name) => idOfName(name) === null && !/^(?:readme|template)\.md$/i.test(name));
  return { files, nameless: nameless.map((name) => join(folder, name)) };
}

function namesIn(folder: string, projectPath: string): string[] {
  try {
    const real = realpathSync(folder);
    if (!real.startsWith(realpathSync(projectPath) + sep)) {
      throw new AoError("REFUSED", `${folder} is a link out of the project, to ${real}`, {
        hint: "Keep issues in the project's own folder.",
      });
    }
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** Throws NOT_FOUND, and FAILED if two files have the number. */
export function findFile(project: Pick<ProjectConfig, "path">, id: string): IssueFile {
  const [file, other] = listFiles(project).files.filter((candidate) => candidate.id === id);
  if (file === undefined) {
    throw new AoError("NOT_FOUND", `there is no issue ${id} in ${folderOf(project)}`, {
      hint: `Create it as ${join(folderOf(project), `${id}-title.md`)}.`,
    });
  }
  if (other !== undefined) throw twice(id, [file.path, other.path]);
  return file;
}

export const twice = (id: string, paths: readonly string[]): AoError =>
  new AoError("FAILED", `two files have the issue number ${id}: ${paths.join(" and ")}`, {
    hint: "Rename one of them to another number.",
    details: { paths: [...paths] },
  });

export function readIssueFile(path: string): string {
  const text = readText(path, { maxBytes: MAX_BYTES });
  if (text === null) throw new AoError("NOT_FOUND", `${path} is gone`);
  return text;
}

/** Replaces the file. If something else (an editor) wrote it since it was read, starts over. */
export function changeFile(path: string, change: (text: string) => string): void {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = stampOf(path);
    const text = readIssueFile(path);
    const next = change(text);
    if (next === text) return;
    if (stampOf(path) !== before) continue;
    const mode = statSync(path).mode & 0o777;
    atomicReplace(path, next, { mode });
    // Independent of the daemon's umask, because the file is the user's.
    chmodSync(path, mode);
    return;
  }
  throw new AoError("TRY_AGAIN", `${path} is being written by something else`);
}

function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

/** Writes a new issue under the next free number. The file is complete or missing, and never replaces another. */
export function addFile(project: Pick<ProjectConfig, "path">, slug: string, text: string): IssueFile {
  const folder = folderOf(project);
  namesIn(folder, project.path);
  const mode = statSync(project.path).mode & 0o777;
  for (const dir of [join(folder, ".."), folder]) if (makeDir(dir)) chmodSync(dir, mode);
  for (;;) {
    const taken = listFiles(project).files.map((file) => Number(file.id));
    const id = String(Math.max(0, ...taken) + 1);
    const path = join(folder, slug === "" ? `${id}.md` : `${id}-${slug}.md`);
    if (!createWhole(path, text, mode & 0o666)) continue;
    const same = listFiles(project).files.filter((file) => file.id === id);
    // The number was taken under another title at the same moment. The first by name keeps it.
    if (same[0]?.path === path) return { id, path };
    unlinkSync(path);
  }
}

function makeDir(dir: string): boolean {
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function createWhole(path: string, text: string, mode: number): boolean {
  const draft = join(path, "..", `.new-${newId()}`);
  writeFileSync(draft, text, { flag: "wx" });
  try {
    chmodSync(draft, mode);
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}
