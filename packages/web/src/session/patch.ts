import { cleanForTerminal } from "@agent-orchestrator/core/model/text";

/** A patch of git's, taken apart. Its words are strangers': nothing of it is ever more than text. */

export interface PatchLine {
  kind: "context" | "add" | "del" | "hunk" | "note";
  text: string;
  /** Line numbers before and after, where the line has them. */
  before: number | null;
  after: number | null;
}

export interface PatchFile {
  path: string;
  /** The former path of a file that was moved. */
  from: string | null;
  change: "added" | "deleted" | "moved" | "changed";
  isBinary: boolean;
  added: number;
  deleted: number;
  lines: PatchLine[];
}

export function parsePatch(text: string): PatchFile[] {
  const files = parse(text);
  for (const file of files) {
    file.path = clean(file.path);
    file.from = file.from === null ? null : clean(file.from);
    for (const line of file.lines) line.text = clean(line.text);
  }
  return files;
}

/** A line is cleaned once it is known where it ends, so that no character of it can begin another one. */
const clean = (line: string): string => cleanForTerminal(line).replaceAll("\n", " ");

function parse(text: string): PatchFile[] {
  const files: PatchFile[] = [];
  let file: PatchFile | null = null;
  let left = { before: 0, after: 0 };
  let at = { before: 0, after: 0 };
  for (const line of text.split("\n")) {
    if (file !== null && (left.before > 0 || left.after > 0)) {
      const read = hunkLine(line, at);
      if (read !== null) {
        file.lines.push(read.line);
        at = read.at;
        left = { before: left.before - read.took.before, after: left.after - read.took.after };
        if (read.line.kind === "add") file.added += 1;
        if (read.line.kind === "del") file.deleted += 1;
        continue;
      }
    }
    if (line.startsWith("\\ ") && file !== null && file.lines.length > 0) {
      file.lines.push({ kind: "note", text: line.slice(2), before: null, after: null });
      continue;
    }
    if (line.startsWith("diff --git ")) {
      file = newFile(line);
      files.push(file);
      continue;
    }
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$/.exec(line);
    if (file !== null && hunk !== null) {
      const [, before, beforeCount = "1", after, afterCount = "1", rest = ""] = hunk;
      at = { before: Number(before), after: Number(after) };
      left = { before: Number(beforeCount), after: Number(afterCount) };
      file.lines.push({ kind: "hunk", text: rest.trim(), before: at.before, after: at.after });
    } else if (file !== null) readHeader(file, line);
  }
  return files;
}

interface Numbers {
  before: number;
  after: number;
}

function hunkLine(line: string, { before, after }: Numbers): { line: PatchLine; at: Numbers; took: Numbers } | null {
  const text = line.slice(1);
  switch (line[0]) {
    case "+":
      return {
        line: { kind: "add", text, before: null, after },
        at: { before, after: after + 1 },
        took: { before: 0, after: 1 },
      };
    case "-":
      return {
        line: { kind: "del", text, before, after: null },
        at: { before: before + 1, after },
        took: { before: 1, after: 0 },
      };
    case " ":
    case undefined:
      return {
        line: { kind: "context", text, before, after },
        at: { before: before + 1, after: after + 1 },
        took: { before: 1, after: 1 },
      };
    default:
      return null;
  }
}

function newFile(line: string): PatchFile {
  const words = line.slice("diff --git ".length);
  const half = /^(?:"?a\/)(.*?)"? "?b\/\1"?$/.exec(words)?.[1] ?? / "?b\/(.*?)"?$/.exec(words)?.[1] ?? words;
  return { path: half, from: null, change: "changed", isBinary: false, added: 0, deleted: 0, lines: [] };
}

function readHeader(file: PatchFile, line: string): void {
  if (line.startsWith("new file mode")) file.change = "added";
  else if (line.startsWith("deleted file mode")) file.change = "deleted";
  else if (line.startsWith("rename from ")) {
    file.change = "moved";
    file.from = unquoted(line.slice("rename from ".length));
  } else if (line.startsWith("rename to ")) file.path = unquoted(line.slice("rename to ".length));
  else if (line.startsWith("+++ ") && line !== "+++ /dev/null") {
    file.path = unquoted(line.slice("+++ ".length)).replace(/^b\//, "");
  } else if (line.startsWith("Binary files ") || line === "GIT binary patch") file.isBinary = true;
}

const unquoted = (path: string): string =>
  path.startsWith('"') && path.endsWith('"') ? path.slice(1, -1) : path.replace(/\t$/, "");
