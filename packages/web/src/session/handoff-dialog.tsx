import { useState } from "preact/hooks";
import { act } from "../connect/daemon.ts";
import { closeDialog, type Dialog } from "../state/dialogs.ts";
import { DialogFrame } from "../ui/dialog.tsx";
import { statusWord } from "../words/session-words.ts";
import { attempt } from "./actions.ts";

/** Lets another agent continue. What is not filled in stays as it is. */
export function HandoffDialog({ wanted }: { wanted: Extract<Dialog, { kind: "handoff" }> }) {
  const [agent, setAgent] = useState("");
  const [model, setModel] = useState("");
  const [words, setWords] = useState("");
  const [isBusy, setBusy] = useState(false);
  const given = (name: string, value: string) => (value.trim() === "" ? {} : { [name]: value.trim() });
  const submit = async () => {
    setBusy(true);
    await attempt(async () => {
      const params = { ...given("agent", agent), ...given("model", model), ...given("words", words) };
      const view = await act("handoff", { session: wanted.session, ...params });
      return `${view.id} continues with ${view.agent}, ${statusWord(view.status)}`;
    });
    closeDialog();
  };
  return (
    <DialogFrame title={`Hand off ${wanted.session}`} onClose={closeDialog}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>Another agent continues in the same checkout, branch and pull request. {wanted.agent} is stopped first.</p>
        <label>
          Agent
          <input
            type="text"
            placeholder={wanted.agent}
            value={agent}
            onInput={(event) => setAgent(event.currentTarget.value)}
          />
        </label>
        <label>
          Model
          <input
            type="text"
            placeholder="the agent's own"
            value={model}
            onInput={(event) => setModel(event.currentTarget.value)}
          />
        </label>
        <label>
          What to tell it
          <textarea rows={3} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </label>
        <footer>
          <button type="button" onClick={closeDialog}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={isBusy || (agent.trim() === "" && model.trim() === "")}>
            Hand off
          </button>
        </footer>
      </form>
    </DialogFrame>
  );
}
