import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { useMemo } from "preact/hooks";
import { Empty, Loading, Problem } from "../ui/states.tsx";
import { type Part, partsOf } from "./conversation-parts.ts";
import { useAsk } from "./use-session.ts";

/** The conversation as the agent's own transcript has it, with the calls of its tools folded. */
export function Conversation({ view }: { view: SessionView }) {
  const key = `${view.id} ${view.activity?.since ?? ""}`;
  const { data, error, again } = useAsk("transcript", { session: view.id }, key);
  const parts = useMemo(() => partsOf(data?.text ?? ""), [data]);
  if (data === null)
    return error === null ? <Loading what="the conversation" /> : <Problem error={error} onRetry={again} />;
  if (parts.length === 0) {
    return (
      <Empty title="There is no transcript.">
        <p>{view.agent} keeps none, or has not said anything yet.</p>
      </Empty>
    );
  }
  return (
    <ol class="conversation scroll">
      {parts.map((part, at) => (
        <li key={`${at} ${part.kind}`}>
          <PartView part={part} />
        </li>
      ))}
    </ol>
  );
}

function PartView({ part }: { part: Part }) {
  if (part.kind === "tools") {
    return (
      <details>
        <summary>
          {part.calls.length} {part.calls.length === 1 ? "tool call" : "tool calls"}
        </summary>
        <pre class="log">{part.calls.join("\n")}</pre>
      </details>
    );
  }
  return (
    <div class={`spoken${part.isUser ? " user" : ""}`}>
      {part.by !== "" && <p class="hint">{part.by}</p>}
      <p class="words">{part.text}</p>
    </div>
  );
}
