import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { useRef } from "preact/hooks";
import type { Doing } from "../board/steps.ts";
import { Icon } from "../ui/icon.tsx";
import { DOINGS } from "./actions.ts";

interface Item {
  label: string;
  what: Doing;
  isDanger?: boolean;
}

const isOver = ({ group, status }: SessionView): boolean =>
  group === "ended" || ["killed", "terminated", "errored", "merged", "done"].includes(status);

/** What makes sense now. The daemon refuses the rest, so this only keeps the list short. */
function itemsFor(view: SessionView): Item[] {
  const send: Item = { label: "Send a message", what: "send" };
  const handoff: Item = { label: "Hand off to another agent", what: "handoff" };
  const remove: Item = { label: "Remove its checkout", what: "remove", isDanger: true };
  if (isOver(view)) return [{ label: "Restore", what: "restore" }, handoff, remove];
  return [
    send,
    { label: "Interrupt its turn", what: "interrupt" },
    view.isPaused ? { label: "Resume", what: "resume" } : { label: "Pause", what: "pause" },
    handoff,
    ...(view.pr === null ? [] : reviewItems),
    { label: "End it", what: "kill", isDanger: true },
    { ...remove, label: "End it and remove its checkout" },
  ];
}

const reviewItems: Item[] = [
  { label: "Approve", what: "approve" },
  { label: "Request changes", what: "request-changes" },
  { label: "Merge", what: "merge" },
];

export function ActionMenu({ view }: { view: SessionView }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (menu.current !== null) menu.current.open = false;
  };
  return (
    <details
      class="menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) close();
      }}
    >
      <summary class="button">
        Actions <Icon name="down" />
      </summary>
      <ul>
        {itemsFor(view).map(({ label, what, isDanger }) => (
          <li key={what}>
            <button
              type="button"
              class={`quiet${isDanger === true ? " risky" : ""}`}
              onClick={() => {
                close();
                DOINGS[what](view);
              }}
            >
              {label}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
