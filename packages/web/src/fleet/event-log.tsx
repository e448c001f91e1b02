import { oneLine } from "@agent-orchestrator/core/model/text";
import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { useMemo, useState } from "preact/hooks";
import { pathOfSession } from "../routes.ts";
import { Empty } from "../ui/states.tsx";
import { place, Windowed } from "../ui/windowed.tsx";
import { localTime } from "../words/age.ts";
import { fittingEvents, PRIORITIES } from "./event-filter.ts";

/** Everything that happened, the newest first. */
export function EventLog({ events }: { events: readonly LoggedEvent[] }) {
  const [text, setText] = useState("");
  const [priority, setPriority] = useState("");
  const rows = useMemo(
    () =>
      fittingEvents(events, { text, priority })
        .map((event) => ({ event, key: String(event.seq) }))
        .reverse(),
    [events, text, priority],
  );
  const placing = useMemo(() => place(rows, () => 30), [rows]);
  return (
    <>
      <div class="event-filter">
        <input
          type="search"
          aria-label="Filter events"
          placeholder="Filter by session, type or words"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select aria-label="Priority" value={priority} onChange={(event) => setPriority(event.currentTarget.value)}>
          <option value="">All priorities</option>
          {PRIORITIES.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </div>
      {rows.length === 0 ? (
        <Empty title="No event matches." />
      ) : (
        <Windowed label="Events" class="event-list" placing={placing}>
          {({ event }) => <EventRow event={event} />}
        </Windowed>
      )}
    </>
  );
}

function EventRow({ event }: { event: LoggedEvent }) {
  const { ts, type, priority, sessionId, message } = event;
  return (
    <div class={`event ${priority}`}>
      <time dateTime={ts}>{localTime(ts)}</time>
      {sessionId ? <a href={pathOfSession(sessionId)}>{oneLine(sessionId, 60)}</a> : <span />}
      <code>{type}</code>
      <span class="event-text" title={oneLine(message ?? "", 500)}>
        {oneLine(message ?? "", 500)}
      </span>
    </div>
  );
}
