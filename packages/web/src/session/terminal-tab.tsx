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
  const [isOver, setOver] = useState(false);
  const launch = view.pid ?? "none";
  useEffect(() => {
    let isGone = false;
    setProblem(null);
    setOver(false);
    void (async () => {
      try {
        const { openTerminal } = await import("./terminal.ts");
        const { current } = place;
        if (isGone || current === null) return;
        const wanted = { place: current, session: view.id, isWriting, isDark: isDark.value };
        opened.current = openTerminal(wanted, { onProblem: setProblem, onEnd: () => setOver(true) });
      } catch (error) {
        setProblem(error as Error);
      }
    })();
    return () => {
      isGone = true;
      opened.current?.close();
      opened.current = null;
    };
  }, [view.id, isWriting, launch]);
  useEffect(() => opened.current?.setDark(isDark.value), [isDark.value]);
  return (
    <div class={`terminal${isWriting ? " writing" : ""}`}>
      <div class="terminal-bar">
        <span class="hint" role="status">
          {isOver ? "Its program has ended." : isWriting ? "You are typing into its terminal." : "Read-only"}
        </span>
        <span class="grow" />
        <button type="button" disabled={isOver} onClick={() => setWriting(!isWriting)}>
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
