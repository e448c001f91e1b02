import { memo } from "preact/compat";
import { openDialog } from "../state/dialogs.ts";
import { Icon } from "../ui/icon.tsx";
import { comment, commentsOn } from "./comments.ts";
import type { DiffRow } from "./diff-rows.ts";
import { highlight } from "./highlight.ts";
import type { PatchFile, PatchLine } from "./patch.ts";

interface Props {
  row: DiffRow;
  session: string;
  onFold(path: string): void;
}

export const DiffRowView = memo(function DiffRowView({ row, session, onFold }: Props) {
  if (row.kind === "file") return <FileHead file={row.file} isFolded={row.isFolded} onFold={onFold} />;
  if (row.kind === "said") return <p class="said">{row.comment.body}</p>;
  return <Line file={row.file} line={row.line} session={session} />;
});

function FileHead({ file, isFolded, onFold }: { file: PatchFile; isFolded: boolean; onFold(path: string): void }) {
  return (
    <h3 class="file-head">
      <button type="button" class="quiet" aria-expanded={!isFolded} onClick={() => onFold(file.path)}>
        <Icon name={isFolded ? "right" : "down"} />
        <span class="path">
          {file.from !== null && file.from !== file.path && `${file.from} → `}
          {file.path}
        </span>
        {file.change !== "changed" && <span class="tag">{file.change}</span>}
        {file.isBinary && <span class="tag">binary</span>}
        <Counts file={file} />
      </button>
    </h3>
  );
}

export function Counts({ file }: { file: PatchFile }) {
  return (
    <span class="counts">
      {file.added > 0 && <span class="added">+{file.added}</span>}
      {file.deleted > 0 && <span class="deleted">−{file.deleted}</span>}
    </span>
  );
}

const SIGN = { add: "+", del: "-", context: " ", hunk: "", note: "" } as const;

function Line({ file, line, session }: { file: PatchFile; line: PatchLine; session: string }) {
  if (line.kind === "hunk") return <p class="line hunk">{line.text === "" ? "…" : `… ${line.text}`}</p>;
  const { after } = line;
  return (
    <p class={`line ${line.kind}`}>
      <span class="number">{line.before ?? ""}</span>
      {after === null ? (
        <span class="number" />
      ) : (
        <button
          type="button"
          class="number"
          aria-label={`Comment on line ${after}`}
          onClick={() => askFor({ session, path: file.path, line: after })}
        >
          {after}
        </button>
      )}
      <span class="sign">{SIGN[line.kind]}</span>
      <code>
        {highlight(line.text, file.path).map(({ kind, text }, at) =>
          kind === "plain" ? (
            text
          ) : (
            <span key={at} class={`code-${kind}`}>
              {text}
            </span>
          ),
        )}
      </code>
    </p>
  );
}

function askFor({ session, path, line }: { session: string; path: string; line: number }): void {
  const known = commentsOn(session).find((each) => each.path === path && each.line === line);
  openDialog({
    ...{ kind: "words", title: "Comment on a line", verb: "Add the comment", isRequired: false },
    ...{ label: "Comment", text: `${path}:${line}`, words: known?.body ?? "" },
    act: async (body) => comment(session, { path, line, body }),
  });
}
