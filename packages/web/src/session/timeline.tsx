import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { age, oneLine } from "@agent-orchestrator/core/model/text";
import type { Explanation, LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { useEffect, useState } from "preact/hooks";
import { followEvents, merged } from "../state/events.ts";
import { Scroll } from "../ui/scroll.tsx";
import { Loading, Problem } from "../ui/states.tsx";
import { localTime } from "../words/age.ts";
import { statusWord } from "../words/session-words.ts";
import { useAsk } from "./use-session.ts";

/** Why it is where it is: facts, the rule that they fit, what follows from it. Below, what happened. */
export function Timeline({ view }: { view: SessionView }) {
  const key = `${view.id} ${view.status} ${view.activity?.since ?? ""} ${view.pr?.headSha ?? ""} ${view.pr?.ci ?? ""}`;
  const { data, error, again } = useAsk("explain", { session: view.id }, key);
  return (
    <Scroll label="Timeline" class="timeline">
      {data === null ? (
        error === null ? (
          <Loading what="the explanation" />
        ) : (
          <Problem error={error} onRetry={again} />
        )
      ) : (
        <Chain told={data} />
      )}
      <Events session={view.id} />
    </Scroll>
  );
}

function Chain({ told }: { told: Explanation }) {
  return (
    <ol class="chain" aria-label="Why it has this status">
      <li>
        <h2>Facts</h2>
        <ul>
          {told.facts.map((fact) => (
            <li key={fact.text}>
              <span>{oneLine(fact.text, 300)}</span>
              <span class="hint">
                {oneLine(fact.source, 60)}
                {fact.ageMs !== null && `, ${age(fact.ageMs)} ago`}
              </span>
            </li>
          ))}
        </ul>
      </li>
      <li>
        <h2>Rule</h2>
        <p>{oneLine(told.rule.text, 500)}</p>
      </li>
      <li>
        <h2>Status</h2>
        <p>
          <span class={`badge ${told.session.group}`}>{statusWord(told.rule.status)}</span>{" "}
          <span class="hint">since {localTime(told.rule.since)}</span>
        </p>
        {told.session.attention !== null && <p>{oneLine(told.session.attention.reason, 500)}</p>}
      </li>
      {told.reactions.length > 0 && (
        <li>
          <h2>Reactions</h2>
          <ul>
            {told.reactions.map(({ key, state, text, at }) => (
              <li key={key}>
                <span>
                  {oneLine(key, 60)}: {oneLine(text, 300)}
                </span>
                <span class="hint">
                  {oneLine(state, 100)}
                  {at !== null && `, ${localTime(at)}`}
                </span>
              </li>
            ))}
          </ul>
        </li>
      )}
      {told.pending.length > 0 && (
        <li>
          <h2>Under way</h2>
          <ul>
            {told.pending.map((text) => (
              <li key={text}>{oneLine(text, 300)}</li>
            ))}
          </ul>
        </li>
      )}
    </ol>
  );
}

function Events({ session }: { session: string }) {
  const [events, setEvents] = useState<readonly LoggedEvent[]>([]);
  useEffect(() => followEvents({ session, limit: 300 }, (fresh) => setEvents((known) => merged(known, fresh))), []);
  if (events.length === 0) return null;
  return (
    <section aria-label="What happened">
      <h2>What happened</h2>
      <ol class="events">
        {[...events].reverse().map(({ seq, ts, type, priority, message }) => (
          <li key={seq} class={priority}>
            <time dateTime={ts}>{localTime(ts)}</time>
            <code>{type}</code>
            <span>{oneLine(message ?? "", 500)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
