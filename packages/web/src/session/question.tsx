import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { useState } from "preact/hooks";
import { pathOfSession } from "../routes.ts";
import { answer } from "./actions.ts";

/** The open question, whole, with its choices as buttons. */
export function Question({ view }: { view: SessionView }) {
  const { question } = view;
  const [words, setWords] = useState("");
  const [isAlways, setAlways] = useState(false);
  const [isBusy, setBusy] = useState(false);
  if (question === null) return null;
  const give = async (text: string, isText: boolean) => {
    setBusy(true);
    const more = { ...(isText ? { isText } : {}), ...(isAlways ? { isAlways } : {}) };
    if (await answer(view, text, more)) setWords("");
    setBusy(false);
  };
  return (
    <section class="question" aria-label="Its question">
      <p class="asked">{cleanForTerminal(question.text).trim()}</p>
      {question.onlyInTerminal !== null && (
        <p class="hint">
          Only <a href={pathOfSession(view.id, "terminal")}>its terminal</a> can answer it:{" "}
          {oneLine(question.onlyInTerminal)}
        </p>
      )}
      {question.onlyInTerminal === null && (
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
                <input
                  type="checkbox"
                  checked={isAlways}
                  onChange={(event) => setAlways(event.currentTarget.checked)}
                />
                Always allow this
              </label>
            )}
          </div>
          {question.takesText && (
            <form
              class="say"
              onSubmit={(event) => {
                event.preventDefault();
                void give(words, true);
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
          )}
        </>
      )}
    </section>
  );
}
