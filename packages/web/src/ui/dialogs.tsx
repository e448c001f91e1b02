import { useRef, useState } from "preact/hooks";
import { KEYS } from "../board/keys.ts";
import { HandoffDialog } from "../session/handoff-dialog.tsx";
import { SpawnDialog } from "../spawn/spawn-dialog.tsx";
import { closeDialog, type Dialog, dialog } from "../state/dialogs.ts";
import { DialogFrame } from "./dialog.tsx";

export function Dialogs() {
  const open = dialog.value;
  if (open === null) return null;
  switch (open.kind) {
    case "confirm":
      return <ConfirmDialog wanted={open} />;
    case "words":
      return <WordsDialog wanted={open} />;
    case "handoff":
      return <HandoffDialog wanted={open} />;
    case "spawn":
      return <SpawnDialog />;
    case "keys":
      return <KeysDialog />;
  }
}

function ConfirmDialog({ wanted }: { wanted: Extract<Dialog, { kind: "confirm" }> }) {
  const [isBusy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    await wanted.act();
    closeDialog();
  };
  return (
    <DialogFrame title={wanted.title} onClose={closeDialog}>
      <p>{wanted.text}</p>
      <footer>
        <button type="button" onClick={closeDialog}>
          Cancel
        </button>
        <button type="button" class={wanted.isDanger ? "danger" : "main"} disabled={isBusy} onClick={() => void go()}>
          {wanted.verb}
        </button>
      </footer>
    </DialogFrame>
  );
}

function WordsDialog({ wanted }: { wanted: Extract<Dialog, { kind: "words" }> }) {
  const [isBusy, setBusy] = useState(false);
  const [words, setWords] = useState(wanted.words ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  const isMissing = wanted.isRequired && words.trim() === "";
  const submit = async () => {
    if (isMissing) return;
    setBusy(true);
    await wanted.act(words);
    closeDialog();
  };
  return (
    <DialogFrame title={wanted.title} onClose={closeDialog}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>{wanted.text}</p>
        <label>
          {wanted.label}
          <textarea
            ref={field}
            rows={5}
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
            }}
          />
        </label>
        <footer>
          <button type="button" onClick={closeDialog}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={isBusy || isMissing}>
            {wanted.verb}
          </button>
        </footer>
      </form>
    </DialogFrame>
  );
}

function KeysDialog() {
  return (
    <DialogFrame title="Keys" onClose={closeDialog}>
      <dl class="keys">
        {KEYS.map(({ keys, text }) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </DialogFrame>
  );
}
