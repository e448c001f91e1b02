import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";

/** Where every entry is made by `ao` itself. Agents' own folders may have links of theirs. */
const INSIDE = ["preserved", "scm", "sessions", "workspace", "worktrees"];

/** Links in the state folders of projects. Whatever would go through one is refused. */
export function linkRows(home: string): DoctorRow[] {
  const projects = entriesOf(home).filter((name) => /^[0-9a-f]{12}-/.test(name));
  const folders = projects.map((name) => join(home, name));
  const paths = folders.flatMap((folder) => [
    folder,
    ...below(folder),
    ...INSIDE.flatMap((name) => below(join(folder, name))),
  ]);
  return paths.filter(isLink).map((path) => ({
    area: "state",
    level: "warning",
    text: `${path} is a symbolic link, and ao follows no link in its state folder`,
    hint: `Remove the link (\`rm ${shellQuote(path)}\`), or move what it points to into its place.`,
  }));
}

const below = (folder: string): string[] => (isLink(folder) ? [] : entriesOf(folder).map((name) => join(folder, name)));

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Missing, or no folder.
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false; // It has gone.
  }
}
