import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { useState } from "preact/hooks";
import { act } from "../connect/daemon.ts";
import { attempt, send } from "./actions.ts";
import { asMessage, dropComments, type LineComment } from "./comments.ts";

/** Comments on lines go out together: as a review of the pull request, or as a message to the agent. */
export function CommentBar({ view, comments }: { view: SessionView; comments: readonly LineComment[] }) {
  const [isBusy, setBusy] = useState(false);
  if (comments.length === 0) return null;
  const finish = async (work: () => Promise<boolean>) => {
    setBusy(true);
    if (await work()) dropComments(view.id);
    setBusy(false);
  };
  const review = () =>
    attempt(async () => {
      const head = view.pr === null ? {} : { headSha: view.pr.headSha };
      await act("review", { session: view.id, state: "changes_requested", comments: [...comments], ...head });
      return `changes are requested of ${view.id}`;
    });
  return (
    <div class="comment-bar">
      <span>
        {comments.length} {comments.length === 1 ? "comment" : "comments"}, not sent yet
      </span>
      <span class="grow" />
      <button type="button" class="quiet" disabled={isBusy} onClick={() => dropComments(view.id)}>
        Discard
      </button>
      <button type="button" disabled={isBusy} onClick={() => void finish(() => send(view.id, asMessage(comments)))}>
        Send as a message
      </button>
      {view.pr !== null && (
        <button type="button" class="main" disabled={isBusy} onClick={() => void finish(review)}>
          Request changes
        </button>
      )}
    </div>
  );
}
