import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { useEffect, useRef, useState } from "preact/hooks";
import { isDark } from "../state/theme.ts";
import { Problem } from "../ui/states.tsx";
import type { OpenTerminal } from "./terminal.ts";

const KEYS: readonly { label: string; text: string }[] = [
  { label: "Esc", text: "\u001b" },
  { label: "Tab", text: "\t" },
  { label: "Ctrl C", text: "\u0003" },
  { label: "↑", text: "\u001b[A" },
  { label: "↓", text: "\u001b[B" },
  { label: "←", text: "\u001b[D" },
  { label: "→", text: "\u001b[C" },
  { label: "Enter", text: "\r" },
];

/** The live terminal. It only shows until you ask to type. */
export function TerminalTab({ view }: { view: SessionView }) {
  const place = useRef<HTMLDivElement>(null);
  const opened = useRef<OpenTerminal | null>(null);
  const [isWriting, setWriting] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const launch = view.pid ?? "none";
  useEffect(() => {
    let isOver = false;
    setProblem(null);
    void (async () => {
      try {
        const { openTerminal } = await import("./terminal.ts");
        const { current } = place;
        if (isOver || current === null) return;
        const wanted = { place: current, session: view.id, isWriting, isDark: isDark.value };
        opened.current = openTerminal(wanted, (error) => setProblem(error));
      } catch (error) {
        setProblem(error as Error);
      }
    })();
    return () => {
      isOver = true;
      opened.current?.close();
      opened.current = null;
    };
  }, [view.id, isWriting, launch]);
  useEffect(() => opened.current?.setDark(isDark.value), [isDark.value]);
  return (
    <div class={`terminal${isWriting ? " writing" : ""}`}>
      <div class="terminal-bar">
        <span class="hint">{isWriting ? "You are typing into the agent's terminal." : "Read-only"}</span>
        <span class="grow" />
        <button type="button" onClick={() => setWriting(!isWriting)}>
          {isWriting ? "Stop typing" : "Type into it"}
        </button>
      </div>
      {problem !== null && <Problem error={problem} />}
      <div class="terminal-place" ref={place} />
      {isWriting && (
        <div class="terminal-keys" role="toolbar" aria-label="Keys">
          {KEYS.map(({ label, text }) => (
            <button type="button" key={label} onClick={() => opened.current?.type(text)}>
              {label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
