import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { ageOf, cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { useState } from "preact/hooks";
import { now } from "../state/clock.ts";
import { Mark } from "../ui/mark.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Empty } from "../ui/states.tsx";
import { localTime } from "../words/age.ts";
import type { Tone } from "../words/session-words.ts";
import { send } from "./actions.ts";

type Message = SessionView["messages"][number];

const TONES: Record<string, Tone> = {
  accepted: "good",
  writing: "busy",
  written: "busy",
  queued: "busy",
  held: "busy",
  unconfirmed: "none",
  failed: "bad",
  withdrawn: "none",
};

const FROM = { user: "you", reaction: "a reaction", system: "ao" } as const;

/** What was sent to the agent and what became of it, the newest last, and a box to send more. */
export function Messages({ view }: { view: SessionView }) {
  return (
    <div class="messages">
      <Scroll label="Messages">
        {view.messages.length === 0 && (
          <Empty title="No messages yet.">
            <p>What you or a reaction sends to the agent is shown here, with its receipt.</p>
          </Empty>
        )}
        <ol>
          {view.messages.map((message) => (
            <MessageRow key={message.id} message={message} />
          ))}
        </ol>
      </Scroll>
      <SendBox id={view.id} />
    </div>
  );
}

function MessageRow({ message }: { message: Message }) {
  const { origin, state, heldFor, failure, text, createdAt } = message;
  const why = failure ?? heldFor;
  return (
    <li class={`message ${origin}`}>
      <p class="message-head">
        <span>from {FROM[origin]}</span>
        <time dateTime={createdAt} title={localTime(createdAt)}>
          {ageOf(createdAt, now.value)} ago
        </time>
        <Mark tone={TONES[state] ?? "none"} text={why === null ? state : `${state}: ${why}`} />
      </p>
      <pre>{cleanForTerminal(text)}</pre>
    </li>
  );
}

function SendBox({ id }: { id: string }) {
  const [text, setText] = useState("");
  const [isUrgent, setUrgent] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    if (text.trim() === "" || isBusy) return;
    setBusy(true);
    if (await send(id, text, isUrgent)) setText("");
    setBusy(false);
  };
  return (
    <form
      class="send"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <textarea
        rows={3}
        aria-label={`Message to ${id}`}
        placeholder="It is delivered as soon as the agent can accept a message."
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
        }}
      />
      <div>
        <label class="switch">
          <input type="checkbox" checked={isUrgent} onChange={(event) => setUrgent(event.currentTarget.checked)} />
          Do not wait for its turn to end
        </label>
        <span class="grow" />
        <button type="submit" class="main" disabled={isBusy || text.trim() === ""}>
          Send
        </button>
      </div>
    </form>
  );
}
