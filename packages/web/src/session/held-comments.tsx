import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { act } from "../connect/daemon.ts";
import { Loading, Problem } from "../ui/states.tsx";
import { attempt } from "./actions.ts";
import { useAsk } from "./use-session.ts";

/** What strangers wrote on the pull request. The agent gets it only if you release it. */
export function HeldComments({ view }: { view: SessionView }) {
  const { data, error, again } = useAsk("review-held", { session: view.id }, `${view.id} ${view.heldComments}`);
  if (data === null)
    return error === null ? <Loading what="the comments" /> : <Problem error={error} onRetry={again} />;
  const release = (id: string) =>
    attempt(async () => {
      await act("review-release", { session: view.id, comments: [id] });
      again();
      return `${view.id} is sent the comment`;
    });
  return (
    <section class="panel">
      <h2>Held comments</h2>
      <ul class="plain">
        {data.map(({ id, author, path, line, body }) => (
          <li key={id} class="held">
            <p class="hint">
              {oneLine(author, 60)}
              {path !== null && ` on ${oneLine(path, 200)}${line === null ? "" : `:${line}`}`}
            </p>
            <pre>{cleanForTerminal(body)}</pre>
            <button type="button" onClick={() => void release(id)}>
              Give it to the agent
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
