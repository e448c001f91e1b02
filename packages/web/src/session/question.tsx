import type { OpenQuestion, SessionView } from "@agent-orchestrator/core/model/session-view";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { useState } from "preact/hooks";
import { pathOfSession } from "../routes.ts";
import { answer } from "./actions.ts";

/** The open question, whole, with its choices as buttons. */
export function Question({ view }: { view: SessionView }) {
  const { question } = view;
  if (question === null) return null;
  return (
    <section class="question" aria-label="Its question">
      <p class="asked">{cleanForTerminal(question.text).trim()}</p>
      {question.onlyInTerminal === null ? (
        <Ways view={view} question={question} />
      ) : (
        <p class="hint">
          Only <a href={pathOfSession(view.id, "terminal")}>its terminal</a> can answer it:{" "}
          {oneLine(question.onlyInTerminal)}
        </p>
      )}
    </section>
  );
}

function Ways({ view, question }: { view: SessionView; question: OpenQuestion }) {
  const [isAlways, setAlways] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const give = async (words: string, isText: boolean): Promise<boolean> => {
    setBusy(true);
    const more = { ...(isText ? { isText } : {}), ...(isAlways ? { isAlways } : {}) };
    const isDone = await answer(view, words, more);
    setBusy(false);
    return isDone;
  };
  return (
    <>
      <div class="choices">
        {question.choices.map((choice, at) => (
          <button
            key={`${at} ${choice}`}
            type="button"
            class={at === 0 ? "main" : ""}
            disabled={isBusy}
            onClick={() => void give(String(at + 1), false)}
          >
            <span class="key" aria-hidden="true">
              {at + 1}
            </span>
            <span>{oneLine(choice, 400)}</span>
          </button>
        ))}
        {question.canAlways && (
          <label class="switch">
            <input type="checkbox" checked={isAlways} onChange={(event) => setAlways(event.currentTarget.checked)} />
            Always allow this
          </label>
        )}
      </div>
      {question.takesText && <OwnWords isBusy={isBusy} give={give} />}
    </>
  );
}

function OwnWords({ isBusy, give }: { isBusy: boolean; give(words: string, isText: boolean): Promise<boolean> }) {
  const [words, setWords] = useState("");
  const submit = async () => {
    if (await give(words, true)) setWords("");
  };
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <input
        type="text"
        aria-label="Your own answer"
        placeholder="Answer in your own words"
        value={words}
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <button type="submit" disabled={isBusy || words.trim() === ""}>
        Answer
      </button>
    </form>
  );
}
