import type { StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";
import { GROUP_TITLES } from "../words/session-words.ts";
import { matches } from "../world.ts";
import { Card } from "./card.tsx";
import { type Placed, place, type Room, type Row, visible } from "./rows.ts";

interface Props {
  rows: readonly Row[];
  selected: string | null;
  onSelect(id: string): void;
  onFold(group: StatusGroup): void;
}

const NARROW = "(max-width: 719px)";

function useRoom(): Room {
  const query = useMemo(() => matches(NARROW), []);
  const [room, setRoom] = useState<Room>(query.matches ? "narrow" : "wide");
  useEffect(() => {
    const change = () => setRoom(query.matches ? "narrow" : "wide");
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, [query]);
  return room;
}

/** The part of the list that is seen, and its height. It scrolls in an element of its own. */
export function BoardList({ rows, selected, onSelect, onFold }: Props) {
  const room = useRoom();
  const frame = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 900 });
  const { placed, height } = useMemo(() => place(rows, room), [rows, room]);
  useLayoutEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const look = () => setSeen({ top: current.scrollTop, height: current.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(current);
    current.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => {
    const at = placed.find(({ row }) => row.kind === "card" && row.view.id === selected);
    if (at !== undefined && frame.current !== null) showWhole(frame.current, at);
  }, [selected]);
  return (
    <div class="list-frame" ref={frame}>
      <ul class="list" aria-label="Sessions" style={{ height: `${height}px` }}>
        {visible(placed, seen).map(({ row, top, height: rowHeight }) => (
          <li
            key={row.key}
            class="list-row"
            id={row.kind === "card" ? `session ${row.view.id}` : undefined}
            style={{ transform: `translateY(${top}px)`, height: `${rowHeight}px` }}
          >
            {row.kind === "head" ? (
              <GroupHead row={row} onFold={onFold} />
            ) : (
              <Card view={row.view} isSelected={row.view.id === selected} onSelect={onSelect} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function showWhole(frame: HTMLElement, { top, height }: Placed): void {
  if (top < frame.scrollTop) frame.scrollTop = top - 44;
  else if (top + height > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + height - frame.clientHeight;
}

function GroupHead({ row, onFold }: { row: Extract<Row, { kind: "head" }>; onFold(group: StatusGroup): void }) {
  return (
    <h2 class={`group ${row.group}`}>
      <button type="button" class="quiet" onClick={() => onFold(row.group)}>
        <Icon name="down" />
        {GROUP_TITLES[row.group]}
        <span class="count">{row.count}</span>
      </button>
    </h2>
  );
}
