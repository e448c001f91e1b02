import type { LineComment } from "./comments.ts";
import type { PatchFile, PatchLine } from "./patch.ts";

export type DiffRow =
  | { kind: "file"; file: PatchFile; isFolded: boolean; key: string }
  | { kind: "line"; file: PatchFile; line: PatchLine; key: string }
  | { kind: "said"; comment: LineComment; key: string };

const HEIGHTS = { file: 40, line: 20, said: 64 };

export const heightOf = ({ kind }: DiffRow): number => HEIGHTS[kind];

interface Around {
  folded: ReadonlySet<string>;
  comments: readonly LineComment[];
}

/** Every file with its lines, and what you remarked under the line that it is about. */
export function diffRows(files: readonly PatchFile[], { folded, comments }: Around): DiffRow[] {
  return files.flatMap((file, place): DiffRow[] => {
    const key = `${place} ${file.path}`;
    const isFolded = folded.has(file.path);
    const head: DiffRow = { kind: "file", file, isFolded, key };
    if (isFolded) return [head];
    const lines = file.lines.flatMap((line, at): DiffRow[] => {
      const row: DiffRow = { kind: "line", file, line, key: `${key} ${at}` };
      const said = comments.find(({ path, line: number }) => path === file.path && number === line.after);
      if (said === undefined || line.kind === "hunk") return [row];
      return [row, { kind: "said", comment: said, key: `${key} ${at} said` }];
    });
    return [head, ...lines];
  });
}

export const widest = (files: readonly PatchFile[]): number =>
  Math.min(
    2_000,
    files.reduce((most, { lines }) => lines.reduce((wide, { text }) => Math.max(wide, text.length), most), 0),
  );
