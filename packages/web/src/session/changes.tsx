import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { useMemo, useState } from "preact/hooks";
import { Empty, Loading, Problem } from "../ui/states.tsx";
import { place, Windowed } from "../ui/windowed.tsx";
import { CommentBar } from "./comment-bar.tsx";
import { commentsOn } from "./comments.ts";
import { DiffRowView } from "./diff-row.tsx";
import { diffRows, heightOf, widest } from "./diff-rows.ts";
import { FileTree } from "./file-tree.tsx";
import { parsePatch } from "./patch.ts";
import { useAsk } from "./use-session.ts";

/** What the session changed against its base, with its uncommitted work. */
export function Changes({ view }: { view: SessionView }) {
  const key = `${view.id} ${view.pr?.headSha ?? ""} ${view.activity?.since ?? ""}`;
  const { data, error, isAsking, again } = useAsk("diff", { session: view.id }, key);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<string | null>(null);
  const files = useMemo(() => parsePatch(data?.text ?? ""), [data]);
  const comments = commentsOn(view.id);
  const rows = useMemo(() => diffRows(files, { folded, comments }), [files, folded, comments]);
  const placing = useMemo(() => place(rows, heightOf), [rows]);
  if (data === null) return error === null ? <Loading what="the changes" /> : <Problem error={error} onRetry={again} />;
  if (files.length === 0) {
    return (
      <Empty title="Nothing has changed yet.">
        <p>Commits and edits of the agent are compared with {data.base || "its base"}.</p>
      </Empty>
    );
  }
  const fold = (path: string) => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
  };
  return (
    <div class={`changes${isAsking ? " busy" : ""}`}>
      <FileTree
        files={files}
        base={data.base}
        onChoose={(path) => setShown(rows.find((row) => row.kind === "file" && row.file.path === path)?.key ?? null)}
      />
      <div class="diff">
        <Windowed label="Changes" class="code" placing={placing} shows={shown} columns={widest(files) + 16}>
          {(row) => <DiffRowView row={row} session={view.id} onFold={fold} />}
        </Windowed>
        <CommentBar view={view} comments={comments} />
      </div>
    </div>
  );
}
