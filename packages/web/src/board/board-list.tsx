import type { StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { GROUP_TITLES } from "@agent-orchestrator/core/model/text";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";
import { place, Windowed } from "../ui/windowed.tsx";
import { matches } from "../world.ts";
import { Card } from "./card.tsx";
import { heightOf, type Room, type Row } from "./rows.ts";

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

const idOf = (row: Row): string | undefined => (row.kind === "card" ? `session ${row.view.id}` : undefined);

export function BoardList({ rows, selected, onSelect, onFold }: Props) {
  const room = useRoom();
  const placing = useMemo(() => place(rows, (row) => heightOf(row, room)), [rows, room]);
  return (
    <Windowed label="Sessions" placing={placing} shows={selected} idOf={idOf}>
      {(row) =>
        row.kind === "head" ? (
          <GroupHead row={row} onFold={onFold} />
        ) : (
          <Card view={row.view} isSelected={row.view.id === selected} onSelect={onSelect} />
        )
      }
    </Windowed>
  );
}

function GroupHead({ row, onFold }: { row: Extract<Row, { kind: "head" }>; onFold(group: StatusGroup): void }) {
  return (
    <h2 class={`group ${row.group}`}>
      <button type="button" class="quiet" aria-expanded={!row.isFolded} onClick={() => onFold(row.group)}>
        <Icon name={row.isFolded ? "right" : "down"} />
        {GROUP_TITLES[row.group]}
        <span class="count">{row.count}</span>
      </button>
    </h2>
  );
}
